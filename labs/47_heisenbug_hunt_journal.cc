// Lab 47, the journal: all that is shared is under a lock.
#include "labs/47_heisenbug_hunt_journal.h"

#include <chrono>
#include <utility>

#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

namespace {

Traced traced = Traced::kNothing;

// A line takes its time, for it is put together and goes to a terminal or a disk: 1 ms here.
void Trace(Traced where, const std::string& line) {
  if (where != traced) return;
  interleave::Log(line);
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

void SetTraced(Traced what) { traced = what; }

Journal::Journal(Round round) {
  writer_ = std::thread([this, round] {
    interleave::SetThreadName("writer");
    while (round(*this)) {
    }
  });
}

void Journal::Append(const std::string& entry) {
  {
    std::lock_guard<std::mutex> lock(pending_mutex_);
    pending_.push_back(entry);
  }
  Trace(Traced::kAppend, "appends " + entry);
  work.Set();
}

std::size_t Journal::Close() {
  work.WaitUntilClear();
  {
    std::lock_guard<std::mutex> lock(pending_mutex_);
    closed_ = true;
  }
  work.Set();
  writer_.join();
  return written_.size();
}

bool Journal::IsClosed() {
  std::lock_guard<std::mutex> lock(pending_mutex_);
  return closed_;
}

Entries Journal::TakePending() {
  std::lock_guard<std::mutex> lock(pending_mutex_);
  return std::exchange(pending_, {});
}

void Journal::Write(const Entries& entries) {
  written_.insert(written_.end(), entries.begin(), entries.end());
  for (const std::string& entry : entries) Trace(Traced::kWrite, "writes " + entry);
}
