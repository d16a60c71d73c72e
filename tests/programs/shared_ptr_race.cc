// One thread replaces what a shared_ptr points to while another copies it.
//
// Bug: the count of owners is safe, the pointer itself is two words like any other. The copy may
// take the old count after the last owner has gone.
// Fix: a lock around the pointer. (std::atomic<std::shared_ptr> would be it, but the one of
// libstdc++ 12 unlocks with a relaxed store after a load, and is a race itself.)
// Idea: [util.smartptr.shared.atomic] exists because so many took the one for the other. The
// failure is the race.
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>

int main() {
  std::mutex mutex;
  std::shared_ptr<int> current = std::make_shared<int>(1);
  std::thread reader([&] {
#ifdef FIXED
    std::lock_guard lock(mutex);
#endif
    std::shared_ptr<int> mine = current;
    assert(*mine == 1 || *mine == 2);
  });
  std::thread writer([&] {
#ifdef FIXED
    std::lock_guard lock(mutex);
#endif
    current = std::make_shared<int>(2);
  });
  reader.join();
  writer.join();
  return 0;
}
