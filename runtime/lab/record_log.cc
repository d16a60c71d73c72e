// runtime/lab/record_log.cc
#include "runtime/lab/record_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "runtime/engine/explore.h"
#include "runtime/lab/log.h"
#include "runtime/lab/standard_output.h"

namespace interleave {
namespace {

std::atomic<unsigned> logs_made{0};

// The calling thread's number, and the log that gave it.
thread_local unsigned numbered_by = 0;
thread_local long number = 0;

}  // namespace

RecordLog::RecordLog(const std::string& path, RecordIds ids)
    : ids_(std::move(ids)), serial_(++logs_made) {
  if (path.empty()) return;
  file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_ == -1) throw std::system_error(errno, std::generic_category(), path);
}

RecordLog::~RecordLog() {
  if (file_ != -1) close(file_);
}

void RecordLog::Record(std::string_view level, std::string_view message) {
  const long process = InSimulation() ? ids_.process : getpid();
  std::string line = lab::ClockText("[%Y-%m-%d %H:%M:%S]") + " - [";
  line += level;
  line += "] - [Process " + std::to_string(process);
  line += ", Thread " + std::to_string(ThreadNumber()) + "] - ";
  line += message;
  Print(line);
  if (file_ != -1) lab::WriteLine(file_, line);
}

long RecordLog::ThreadNumber() {
  if (!InSimulation()) return gettid();
  if (numbered_by != serial_) {
    numbered_by = serial_;
    const std::size_t index = threads_seen_++;
    const std::size_t named = ids_.threads.size();
    number = index < named ? ids_.threads[index]
                           : ids_.threads.back() + static_cast<long>(index - named + 1);
  }
  return number;
}

}  // namespace interleave
