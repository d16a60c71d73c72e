// runtime/lab/machine.h
//
// What this machine has left, and what a process weighs, from the kernel's own accounts. A lab that
// starts many of something reads the limits first, so that it finds out what one more costs and not
// what happens when nothing is left:
//
//   Machine machine;
//   const long threads = machine.HowManyFit(1000, 64 << 10);   // of 64 KiB each
//   ...
//   const long bytes = machine.ProportionalMemory(child);
//
// Memory of a process. Its resident memory (RSS) counts each page that it has, also those that it
// shares with others: a thousand forked processes have the same library a thousand times. Its
// proportional memory (PSS) counts a page that n processes have as a n-th, so the sum over all
// processes is what is really there.
//
// Threads: any. All of it is read anew with each call.
#ifndef INTERLEAVE_RUNTIME_LAB_MACHINE_H_
#define INTERLEAVE_RUNTIME_LAB_MACHINE_H_

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace interleave {

class Machine {
 public:
  // The files are those below `root`; a test has its own.
  explicit Machine(std::filesystem::path root = "/") : root_(std::move(root)) {}

  // The smallest limit there is on threads and processes together, and the name of it: the user's
  // (RLIMIT_NPROC), a control group's (pids.max, less those that it has), the kernel's.
  struct Limit {
    std::int64_t count;
    std::string name;
  };
  Limit TaskLimit() const;

  // Bytes that can be had without swapping: the machine's, or what a control group leaves of it.
  std::int64_t AvailableMemory() const;

  // `wanted`, or as many as take at most a quarter of TaskLimit and half of AvailableMemory; at
  // least one. Without `as_tasks` only the memory counts: for what is neither thread nor process.
  std::int64_t HowManyFit(std::int64_t wanted, std::int64_t bytes_each, bool as_tasks = true) const;

  // Bytes of a process, 0 is this one. Throws std::runtime_error if the kernel does not tell.
  std::int64_t ResidentMemory(pid_t process = 0) const;
  std::int64_t ProportionalMemory(pid_t process = 0) const;

 private:
  std::int64_t Rollup(pid_t process, const std::string& field) const;

  const std::filesystem::path root_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_LAB_MACHINE_H_
