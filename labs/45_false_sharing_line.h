// Lab 45: the model of a cache that stands in for it in a simulation.
#ifndef INTERLEAVE_LABS_45_FALSE_SHARING_LINE_H_
#define INTERLEAVE_LABS_45_FALSE_SHARING_LINE_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "runtime/threads/fair_mutex.h"

constexpr std::size_t kLineSize = 64;  // of x86, and of most others

// From core to core; from memory, too, for simplicity. Measured with compare-and-swap it is between
// 16 and 115 ns inside most chips since 2014, 51 ns on a Xeon Platinum 8375C:
// github.com/nviennot/core-to-core-latency.
constexpr std::chrono::nanoseconds kTransfer{50};
// An atomic increment in a line that the core has: some 20 cycles on x86 (Agner Fog, "Instruction
// tables": LOCK ADD).
constexpr std::chrono::nanoseconds kIncrement{5};

// The lines of memory, and which core has each of them; a thread stands for its core. Who wants a
// line waits behind those that wanted it before, has it sent if another core had it last, writes,
// and lets it go.
class Lines {
 public:
  // All lines are in memory again. With `slow_motion` a cost is so many times as high.
  void Reset(long slow_motion = 1);

  // With --real it does nothing.
  void Write(const void* address);

  long transfers() const { return transfers_; }

 private:
  struct Line {
    interleave::FairMutex in_use;
    std::thread::id core;  // that wrote to it last; none yet: it is in memory
  };

  std::mutex mutex_;
  std::map<std::uintptr_t, Line> lines_;  // guarded by mutex_; by address / kLineSize
  std::atomic<long> transfers_ = 0;
  long slow_motion_ = 1;
};

extern Lines lines;

// How long each of the two cores has worked, on average; in a simulation, the time. So it does not
// count with --real what others do on this machine.
std::chrono::nanoseconds WorkOfEach();

// Both begin at the same time.
void RunOnTwoCores(const std::function<void()>& one, const std::function<void()>& two);

#endif  // INTERLEAVE_LABS_45_FALSE_SHARING_LINE_H_
