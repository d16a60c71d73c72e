// runtime/process/process_worker.h
//
// How it works: what a ProcessWorkers keeps for each of its workers. For its two files only.

#ifndef INTERLEAVE_RUNTIME_PROCESS_PROCESS_WORKER_H_
#define INTERLEAVE_RUNTIME_PROCESS_PROCESS_WORKER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "runtime/process/answer_wait.h"
#include "runtime/process/message_channel.h"
#include "runtime/process/process.h"
#include "runtime/process/process_workers.h"
#include "runtime/threads/future_state.h"

namespace interleave {

struct ProcessWorkers::Worker final : FutureDriver {
  explicit Worker(ProcessWorkers& all) : all(all) {}
  void Drive(const FutureState& wanted, Deadline deadline) noexcept override {
    all.Drive(*this, wanted, deadline);
  }

  enum class Talk { kGoesOn, kMakesNoSense, kIsOver };

  ProcessWorkers& all;
  std::mutex turn;                   // who has it may read answers
  Talk talk = Talk::kGoesOn;         // guarded by turn
  std::unique_ptr<AnswerWait> wait;  // of this process

  // Guarded by the pool's lock.
  std::string name;
  std::optional<Process> process;  // reaped and killed under the lock, so that nobody else is hit
  std::optional<MessageChannel> channel;
  std::deque<std::pair<std::uint64_t, std::unique_ptr<RemoteJob>>> jobs;  // in the order of answers
  std::size_t sent = 0;  // so many of them; the others had no room
  int given = 0;         // since the process was started
  bool may_end = false;  // it was told that there is no more to do
  std::thread thread;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_PROCESS_WORKER_H_
