// Threads sign with the key that a pointer shows them; a new key replaces the old one.
//
// Bug: the old key is deleted at once, and wipes itself as keys do. A reader that has just loaded
// the pointer signs with memory that is given back. Fix: shared ownership, copied under a lock.
// Idea: why hazard pointers, RCU and atomic<shared_ptr> exist; use after free in Lu et al. 2008.
#include <atomic>
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>

namespace {

struct Key {
  ~Key() { secret = 0; }
  int secret = 42;
};

class Keys {
 public:
#ifdef FIXED
  std::shared_ptr<const Key> Get() {
    std::lock_guard lock(mutex_);
    return key_;
  }
  void Replace() {
    auto fresh = std::make_shared<const Key>();
    std::lock_guard lock(mutex_);
    key_.swap(fresh);
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const Key> key_ = std::make_shared<const Key>();
#else
  ~Keys() { delete key_.load(); }
  const Key* Get() { return key_; }
  void Replace() { delete key_.exchange(new Key); }

 private:
  std::atomic<const Key*> key_ = new Key;
#endif
};

}  // namespace

int main() {
  Keys keys;
  std::thread client([&] {
    auto key = keys.Get();
    assert(key->secret == 42);
  });
  std::thread admin([&] { keys.Replace(); });
  client.join();
  admin.join();
  return 0;
}
