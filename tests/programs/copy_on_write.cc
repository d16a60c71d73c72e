// A list is never changed: whoever wants to add copies it, adds, and publishes the copy.
//
// Bug: two copies of the same list are published one after the other, and the second knows nothing
// of what the first added.
// Fix: hold the lock from the copy to the publication.
// Idea: read-copy-update without the lock among the updaters (McKenney).
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using List = std::vector<int>;

class Shared {
 public:
  std::shared_ptr<const List> Get() {
    std::lock_guard lock(mutex_);
    return list_;
  }

  void Add(int item) {
#ifdef FIXED
    std::lock_guard lock(mutex_);
    auto copy = std::make_shared<List>(*list_);
#else
    auto copy = std::make_shared<List>(*Get());
    std::lock_guard lock(mutex_);
#endif
    copy->push_back(item);
    list_ = copy;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const List> list_ = std::make_shared<List>();
};

}  // namespace

int main() {
  Shared shared;
  std::thread a([&] { shared.Add(1); });
  std::thread b([&] { shared.Add(2); });
  a.join();
  b.join();
  assert(shared.Get()->size() == 2);
  return 0;
}
