// Lab 11, who is first? A writer waits, readers are inside, and one more reader comes. Without a
// door it goes in; with a door it waits behind the writer.
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::SetThreadName;
using std::chrono::milliseconds;

namespace {

class SharedMutexWithDoor {
 public:
  void lock_shared() {
    std::lock_guard<std::mutex> in_the_door(door_);
    room_.lock_shared();
  }
  void lock() {
    std::lock_guard<std::mutex> in_the_door(door_);
    room_.lock();  // meanwhile nobody else gets through the door
  }
  void unlock_shared() { room_.unlock_shared(); }
  void unlock() { room_.unlock(); }

 private:
  std::mutex door_;
  std::shared_mutex room_;
};

template <class SharedMutex>
std::string FiveReadersOneWriter() {
  SharedMutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&mutex, i] {
      SetThreadName("reader-" + std::to_string(i + 1));
      std::this_thread::sleep_for(milliseconds(20 * i));
      std::shared_lock<SharedMutex> lock(mutex);
      interleave::Compute(milliseconds(30));
    });
  }
  threads.emplace_back([&mutex] {
    SetThreadName("writer");
    std::this_thread::sleep_for(milliseconds(10));
    const auto came = std::chrono::steady_clock::now();
    std::unique_lock<SharedMutex> lock(mutex);
    const auto waited = std::chrono::steady_clock::now() - came;
    interleave::Print("the writer came at 10 ms and waited " +
                      std::to_string(waited / milliseconds(1)) + " ms");
    interleave::Compute(milliseconds(10));
  });
  for (std::thread& thread : threads) thread.join();
  return "all done";
}

}  // namespace

void AddDoor(interleave::Lab& lab) {
  lab.Scenario("readers_first", FiveReadersOneWriter<std::shared_mutex>)
      .Says("a reader every 20 ms looks for 30 ms; with std::shared_mutex")
      .Outcome("all done")
      .Cores(6)
      .ShowsTimeline();
  lab.Scenario("with_door", FiveReadersOneWriter<SharedMutexWithDoor>)
      .Says("the same with a door in front of it")
      .Outcome("all done")
      .Cores(6)
      .ShowsTimeline()
      .ShowsCensus("random:1000");
}
