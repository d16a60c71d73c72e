// A table is looked up under a shared lock; what is missing is computed and added under the
// exclusive one.
//
// Bug: between the two locks another thread can add the same. It is computed twice, and whoever
// already has the first one's number holds a wrong one.
// Fix: look again under the exclusive lock.
// Idea: check-then-act over the two halves of a reader-writer lock; GoBench's RWMutex family.
#include <cassert>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

namespace {

class Numbers {
 public:
  int Of(const std::string& name) {
    {
      std::shared_lock lock(mutex_);
      auto known = numbers_.find(name);
      if (known != numbers_.end()) return known->second;
    }
    std::unique_lock lock(mutex_);
#ifdef FIXED
    auto known = numbers_.find(name);
    if (known != numbers_.end()) return known->second;
#endif
    return numbers_[name] = ++last_;
  }

 private:
  std::shared_mutex mutex_;
  std::map<std::string, int> numbers_;
  int last_ = 0;
};

}  // namespace

int main() {
  Numbers numbers;
  int a = 0, b = 0;
  std::thread first([&] { a = numbers.Of("coffee"); });
  std::thread second([&] { b = numbers.Of("coffee"); });
  first.join();
  second.join();
  assert(a == b);
  return 0;
}
