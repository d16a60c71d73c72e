// A singleton whose lock is taken the first time only.
//
// Bug: the pointer is looked at without the lock and is a plain one. The look is a data race, and
// nothing says that the object's fields are there when the pointer is.
// Fix: an atomic pointer, stored with release, loaded with acquire.
// Idea: Schmidt and Harrison 1996; Meyers and Alexandrescu, "C++ and the Perils of Double-Checked
// Locking", 2004. The failure is the race itself.
#include <atomic>
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>

namespace {

struct Config {
  int port = 80;
};

class Holder {
 public:
  Config* Get() {
#ifdef FIXED
    Config* found = config_.load(std::memory_order_acquire);
#else
    Config* found = config_;
#endif
    if (found != nullptr) return found;
    std::lock_guard lock(mutex_);
    if (owned_ == nullptr) {
      owned_ = std::make_unique<Config>();
#ifdef FIXED
      config_.store(owned_.get(), std::memory_order_release);
#else
      config_ = owned_.get();
#endif
    }
    return owned_.get();
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<Config> owned_;
#ifdef FIXED
  std::atomic<Config*> config_{nullptr};
#else
  Config* config_ = nullptr;
#endif
};

}  // namespace

int main() {
  Holder holder;
  std::thread a([&] { assert(holder.Get()->port == 80); });
  std::thread b([&] { assert(holder.Get()->port == 80); });
  a.join();
  b.join();
  return 0;
}
