// runtime/process/process_worker_thread.cc
//
// How it works: the thread of a worker, and a thread in Get that does its work for a while: hears
// what the worker answers, completes the futures, sends the next jobs, sees to its end.

#include <poll.h>

#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "runtime/process/process_hooks.h"
#include "runtime/process/process_worker.h"
#include "runtime/process/process_workers.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

thread_local const ProcessWorkers* workers_of_this_thread = nullptr;

}  // namespace

bool ProcessWorkers::IsWorker() const { return workers_of_this_thread == this; }

void ProcessWorkers::Main(Worker& worker) {
  workers_of_this_thread = this;
  do {
    {
      std::lock_guard lock(mutex_);
      SetThreadName(worker.name);
    }
    for (bool goes_on = true; goes_on;) {
      const bool has_ended = worker.wait->Await();
      std::lock_guard turn(worker.turn);
      // All there is: with many jobs at a worker, to wait for each would take a quarter longer.
      // Nothing, if whoever stood in has come to the end of it.
      while (worker.talk == Worker::Talk::kGoesOn && Read(worker, has_ended)) {
      }
      goes_on = worker.talk == Worker::Talk::kGoesOn;
    }
    Reap(worker);
  } while (TakeNext(worker));
}

// Does nothing if another thread has its turn already: it sees to this future, too. Nor in a
// callback of the pool's, where the turn may be this thread's own, or in a fork's copy of it.
void ProcessWorkers::Drive(Worker& worker, const FutureState& wanted, Deadline deadline) {
  if (IsWorker() || CalledInAnotherProcess()) return;
  std::unique_lock turn(worker.turn, std::try_to_lock);
  // Whoever completes it has the turn or breaks the pool, and then the worker is killed. So if it
  // has not completed now, it will not do so behind the back of one who waits for the worker.
  if (!turn || worker.talk != Worker::Talk::kGoesOn) return;
  if (wanted.status() >= FutureStatus::kCancelled) return;

  const AnswerWait::StandIn in_its_place(*worker.wait);
  if (!in_its_place.Await(deadline)) return;
  const ProcessWorkers* const before = std::exchange(workers_of_this_thread, this);
  Read(worker, false);
  workers_of_this_thread = before;
  if (worker.talk == Worker::Talk::kMakesNoSense) {
    std::lock_guard lock(mutex_);
    worker.process->Kill();  // and the pool's thread hears of that
  }
}

bool ProcessWorkers::Read(Worker& worker, bool has_ended) {
  using Talk = Worker::Talk;
  Message message;
  switch (worker.channel->Receive(message, false)) {
    case MessageChannel::Received::kMessage:
      if (!Hear(worker, message)) worker.talk = Talk::kMakesNoSense;
      return true;
    case MessageChannel::Received::kMalformed:
      worker.talk = Talk::kMakesNoSense;
      break;
    case MessageChannel::Received::kNothing:
      // A child of its own may keep the socket open when the worker has ended.
      if (has_ended) worker.talk = Talk::kIsOver;
      break;
    case MessageChannel::Received::kEnd:
      worker.talk = Talk::kIsOver;
      break;
  }
  return false;
}

bool ProcessWorkers::Hear(Worker& worker, Message& message) {
  if (message.kind == MessageKind::kSays) {
    if (process_hooks().heard == nullptr) return false;
    process_hooks().heard(message.body, worker.process->end_descriptor());
    std::lock_guard lock(mutex_);
    worker.channel->Send(MessageKind::kGoOn, message.number, {}, {}, true);
    if (process_hooks().await != nullptr) {
      process_hooks().await(worker.channel->fd(), worker.process->end_descriptor(), -1);
    }
    return true;
  }
  if (message.kind != MessageKind::kValue && message.kind != MessageKind::kError) return false;

  std::unique_ptr<RemoteJob> job;
  Failed failed;
  {
    std::lock_guard lock(mutex_);
    if (broken_) return true;  // its jobs have ended with that
    if (worker.sent == 0 || worker.jobs.front().first != message.number) return false;
    job = std::move(worker.jobs.front().second);
    worker.jobs.pop_front();
    --worker.sent;
    SendNext(worker, failed);
    Failed more = Dispatch();  // the next one goes first, then this one's future
    std::move(more.begin(), more.end(), std::back_inserter(failed));
    EndIfDone(worker);
  }
  Tell(std::move(failed));
  try {
    ByteReader reader(message.body, std::move(message.descriptors));
    if (message.kind == MessageKind::kError) {
      RemoteException error;
      reader(error);
      job->Fail(MakeException(error, worker.name));
    } else {
      job->Succeed(reader, worker.name);
    }
  } catch (...) {
    job->Fail(std::current_exception());
  }
  return true;
}

// Its socket or the process has come to the end, or it has said what makes no sense.
void ProcessWorkers::Reap(Worker& worker) {
  const bool talked_nonsense = worker.talk == Worker::Talk::kMakesNoSense;
  // The sockets of a process are closed shortly before it has ended. If they are and it is not
  // about to end, it has closed its connection, and nobody can wait for anything from it.
  bool ends = !talked_nonsense;
  if (ends) {
    std::lock_guard lock(mutex_);
    ends = worker.may_end || worker.process->IsEnding();
  }
  pollfd end = {worker.process->end_descriptor(), POLLIN, 0};
  constexpr int kShortly = 2000;
  if (process_hooks().await != nullptr && ends) process_hooks().await(-1, end.fd, kShortly);
  const bool ended = ends && poll(&end, 1, kShortly) > 0;
  std::string how;
  if (talked_nonsense) how = "has sent something that is no whole message";
  if (!talked_nonsense && !ended) how = "has closed its connection";

  Failed failed;
  {
    std::lock_guard lock(mutex_);
    if (!ended) worker.process->Kill();
    const ExitStatus status = worker.process->Wait();
    if (how.empty()) how = status.Text();
    const bool expected = worker.may_end && worker.jobs.empty() && ended && status.ok();
    if (!expected && !broken_) {
      failed = Break(BrokenProcessPool(worker.name, worker.process->pid(),
                                       ended && status.signal != 0 ? SignalName(status.signal) : "",
                                       how, Unfinished()));
    }
    worker.wait.reset();
    worker.process.reset();
    worker.channel.reset();
  }
  Tell(std::move(failed));
}

// A worker that has done its share: another process takes its place, if one is wanted.
bool ProcessWorkers::TakeNext(Worker& worker) {
  Failed failed;
  bool started = false;
  {
    std::lock_guard turn(worker.turn);
    std::lock_guard lock(mutex_);
    if (broken_ || (shut_down_ && queue_.empty())) return false;
    try {
      StartProcess(worker);
      started = true;
      failed = Dispatch();
    } catch (const std::exception& error) {
      failed = Break(BrokenProcessPool(
          worker.name, -1, "", std::string("has no successor: ") + error.what(), Unfinished()));
    }
  }
  Tell(std::move(failed));
  return started;
}

}  // namespace interleave
