// Lab 17, the article's threads that run out (S0.12).
//
// Only a process that may be refused should be: the child of a fork, with a limit of its own on
// its memory. It cannot take the system's last thread from anybody. How many threads it gets
// depends on the size of their stacks, so the number is not printed.
//
// The child has real threads and real time, in a simulation too.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <latch>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_pool.h"

namespace {

void LimitMemory(rlim_t more_bytes) {
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t bytes = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + more_bytes;
  const rlimit limit = {bytes, bytes};
  setrlimit(RLIMIT_AS, &limit);
}

// A line for each thing that happened.
std::string ThreadPerCallThenPool() {
  LimitMemory(200 << 20);
  std::string story;
  {
    std::latch calls_end(1);
    std::vector<std::thread> threads;
    threads.reserve(100'000);
    try {
      while (threads.size() < threads.capacity()) {
        threads.emplace_back([&] { calls_end.wait(); });
      }
      story += "never refused\n";
    } catch (const std::system_error& error) {
      const bool temporarily = error.code() == std::errc::resource_unavailable_try_again;
      story += temporarily ? "refused: resource unavailable, try again\n" : "refused otherwise\n";
    }
    calls_end.count_down();
    for (std::thread& thread : threads) thread.join();
  }
  std::thread([] {}).join();
  story += "after the calls have ended: another thread starts\n";

  std::atomic<int> done = 0;
  {
    interleave::ThreadPool pool(4);
    for (int i = 0; i < 1000; ++i) pool.Submit([&] { ++done; });
  }
  return story + "a pool of 4, within the same limit: " + std::to_string(done) + " jobs done\n";
}

// What `work` returns in a child process.
std::string InChild(std::string (*work)()) {
  std::array<int, 2> ends;
  if (pipe(ends.data()) != 0) return "no pipe\n";
  const pid_t child = fork();
  if (child == 0) {
    const std::string story = work();
    const bool told = write(ends[1], story.data(), story.size()) == std::ssize(story);
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  std::string story;
  std::array<char, 512> part;
  for (ssize_t n; (n = read(ends[0], part.data(), part.size())) > 0;) story.append(part.data(), n);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0 ? story : story + "the child failed\n";
}

std::string Exhausted() {
  const std::string story = InChild(ThreadPerCallThenPool);
  interleave::Print(story.substr(0, story.size() - 1));
  const bool as_expected = story ==
                           "refused: resource unavailable, try again\n"
                           "after the calls have ended: another thread starts\n"
                           "a pool of 4, within the same limit: 1000 jobs done\n";
  return as_expected ? "refused, recovered, and the pool did 1000 jobs" : "something else";
}

}  // namespace

void AddExhausted(interleave::Lab& lab) {
  lab.Scenario("exhausted", Exhausted)
      .Id("S0.12")
      .Says("a thread per call until the system refuses one, in a process with little memory")
      .Outcome("refused, recovered, and the pool did 1000 jobs");
}
