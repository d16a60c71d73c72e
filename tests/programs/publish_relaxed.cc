// A thread fills a message and raises a flag; another sees the flag and reads the message.
//
// Bug: the flag is relaxed, so it says nothing of the message: the read may see an empty one.
// Fix: release and acquire.
// Idea: message passing, the first litmus test of them all. Every value is right in sequential
// consistency; the failure is the race on the message.
#include <atomic>
#include <cassert>
#include <thread>

namespace {
#ifdef FIXED
constexpr auto kStore = std::memory_order_release;
constexpr auto kLoad = std::memory_order_acquire;
#else
constexpr auto kStore = std::memory_order_relaxed;
constexpr auto kLoad = std::memory_order_relaxed;
#endif
}  // namespace

int main() {
  int message = 0;
  std::atomic<bool> full{false};
  std::thread writer([&] {
    message = 42;
    full.store(true, kStore);
  });
  std::thread reader([&] {
    if (full.load(kLoad)) assert(message == 42);
  });
  writer.join();
  reader.join();
  return 0;
}
