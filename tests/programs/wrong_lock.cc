// Four threads move the same total, each under a lock.
//
// Bug: two of them take another lock than the other two, so in pairs they are not kept apart.
// Fix: the same lock for the same data.
// Idea: "wronglock" of the pthread programs of SV-COMP and SCTBench.
#include <cassert>
#include <mutex>
#include <thread>

int main() {
  std::mutex total_mutex, report_mutex;
  int total = 0;
  auto add = [&] {
    std::lock_guard lock(total_mutex);
    ++total;
  };
  auto report = [&] {
#ifdef FIXED
    std::lock_guard lock(total_mutex);
#else
    std::lock_guard lock(report_mutex);
#endif
    int before = total;
    total = before + 10;
    assert(total == before + 10);
  };
  std::thread threads[] = {std::thread(add), std::thread(add), std::thread(report),
                           std::thread(report)};
  for (std::thread& thread : threads) thread.join();
  assert(total == 22);
  return 0;
}
