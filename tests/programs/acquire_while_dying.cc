// A cache gives out references to its object; the object goes when the last reference does.
//
// Bug: a thread that finds the object counts itself in even if the count was zero already: it gets
// an object that is being destroyed.
// Fix: count in only while somebody else is counted.
// Idea: "get_unless_zero" of the Linux kernel's kref; why std::weak_ptr has lock().
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Object {
  std::atomic<int> references{1};
  std::atomic<bool> alive{true};

  bool Acquire() {
#ifdef FIXED
    for (int seen = references; seen != 0;) {
      if (references.compare_exchange_strong(seen, seen + 1)) return true;
    }
    return false;
#else
    if (!alive) return false;
    ++references;
    return true;
#endif
  }

  void Release() {
    if (--references == 0) alive = false;
  }
};

}  // namespace

int main() {
  Object object;
  std::thread user([&] {
    if (!object.Acquire()) return;
    assert(object.alive);
    object.Release();
  });
  std::thread owner([&] { object.Release(); });
  user.join();
  owner.join();
  return 0;
}
