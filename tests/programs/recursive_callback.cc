// A thermometer tells its listeners of each change; a listener may subscribe while a value comes.
//
// Bug: listeners are called under the lock, and the one of this program unsubscribes itself, which
// takes the same lock again. Only if it has subscribed before the value comes.
// Fix: copy the list, give the lock back, call.
// Idea: alien method calls under a lock (Bloch, "Effective Java", item 79).
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace {

class Thermometer {
 public:
  void Subscribe(std::function<void(int)> listener) {
    std::lock_guard lock(mutex_);
    listeners_.push_back(std::move(listener));
  }
  void UnsubscribeAll() {
    std::lock_guard lock(mutex_);
    listeners_.clear();
  }
  void Set(int degrees) {
    std::unique_lock lock(mutex_);
    degrees_ = degrees;
    auto listeners = listeners_;
#ifdef FIXED
    lock.unlock();
#endif
    for (auto& listener : listeners) listener(degrees);
  }

 private:
  std::mutex mutex_;
  std::vector<std::function<void(int)>> listeners_;
  int degrees_ = 0;
};

}  // namespace

int main() {
  Thermometer thermometer;
  std::thread sensor([&] { thermometer.Set(30); });
  std::thread alarm([&] { thermometer.Subscribe([&](int) { thermometer.UnsubscribeAll(); }); });
  sensor.join();
  alarm.join();
  return 0;
}
