// A table's changes go to a log as well, and now and then a new log is begun.
//
// Bug: rotation closes the log and opens the next. Who changes a row in between sees "no log" and
// writes none: the copy that follows the log never learns of it.
// Fix: closing and opening under the lock that writing takes.
// Idea: MySQL bug 791, in Lu et al. 2008.
#include <atomic>
#include <cassert>
#include <mutex>
#include <thread>

namespace {

struct Database {
  std::mutex mutex;
  std::atomic<bool> log_open{true};
  std::atomic<int> rows{0}, logged{0};

  void Insert() {
    ++rows;
    std::lock_guard lock(mutex);
    if (log_open) ++logged;
  }

  void Rotate() {
#ifdef FIXED
    std::lock_guard lock(mutex);
#endif
    log_open = false;
    log_open = true;
  }
};

}  // namespace

int main() {
  Database database;
  std::thread client([&] { database.Insert(); });
  std::thread admin([&] { database.Rotate(); });
  client.join();
  admin.join();
  assert(database.rows == database.logged);
  return 0;
}
