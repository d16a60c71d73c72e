// runtime/lab/record_log.h
//
// The log of the course's first article: records with a level, a process and a thread number, to
// stdout and to a file.
//
//   RecordLog log("log/multiprocessing_log.txt", {.process = 4711, .threads = {140001, 140002}});
//   log.Info("Ingesting character number 1");
//     -> [2022-08-10 08:11:42] - [INFO] - [Process 4711, Thread 140001] - Ingesting character ...
//
// The file is opened for appending, and as in the article its directory must exist.
//
// In a simulation the numbers are the constants given here, threads in the order of their first
// record (counting on from the last when there are more), for a log must be the same bytes every
// time. With real threads they are the kernel's own.
//
// Threads: from any thread. A record is one write(2) to each sink, and nothing ties the two: two
// threads' records may stand in different order in them, as with Python's two handlers.
#ifndef INTERLEAVE_RUNTIME_LAB_RECORD_LOG_H_
#define INTERLEAVE_RUNTIME_LAB_RECORD_LOG_H_

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

namespace interleave {

struct RecordIds {
  long process = 1;
  std::vector<long> threads = {1};
};

class RecordLog {
 public:
  // To stdout only when `path` is empty.
  // Throws std::system_error naming the file if it cannot be opened.
  explicit RecordLog(const std::string& path = "", RecordIds ids = {});
  ~RecordLog();
  RecordLog(const RecordLog&) = delete;
  RecordLog& operator=(const RecordLog&) = delete;

  void Info(std::string_view message) { Record("INFO", message); }
  void Warning(std::string_view message) { Record("WARNING", message); }
  void Error(std::string_view message) { Record("ERROR", message); }

 private:
  void Record(std::string_view level, std::string_view message);
  long ThreadNumber();

  const RecordIds ids_;
  const unsigned serial_;                     // tells this log from one that was at its address
  int file_ = -1;                             // -1: stdout only
  std::atomic<std::size_t> threads_seen_{0};  // threads that have a number
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_LAB_RECORD_LOG_H_
