// A cache, a database and a logger, each with a lock; each calls the next while it holds its own.
//
// Bug: cache → database, database → logger, logger → cache. No two of them deadlock, all three can.
// Fix: the logger asks the cache for its size before it takes its own lock.
// Idea: the longer cycles among the deadlocks of JaConTeBe (log4j, DBCP).
#include <mutex>
#include <thread>

namespace {

struct Service {
  std::mutex cache_mutex, database_mutex, log_mutex;
  int cached = 0, rows = 0, lines = 0;

  void Load() {
    std::lock_guard cache(cache_mutex);
    std::lock_guard database(database_mutex);
    cached += rows;
  }

  void Insert() {
    std::lock_guard database(database_mutex);
    std::lock_guard log(log_mutex);
    ++rows;
    ++lines;
  }

  int CacheSize() {
    std::lock_guard cache(cache_mutex);
    return cached;
  }

  void Log() {
#ifdef FIXED
    int size = CacheSize();
    std::lock_guard log(log_mutex);
#else
    std::lock_guard log(log_mutex);
    int size = CacheSize();
#endif
    lines += 1 + size;
  }
};

}  // namespace

int main() {
  Service service;
  std::thread load([&] { service.Load(); });
  std::thread insert([&] { service.Insert(); });
  std::thread log([&] { service.Log(); });
  load.join();
  insert.join();
  log.join();
  return 0;
}
