// runtime/process/process_workers.cc

#include "runtime/process/process_workers.h"

#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "runtime/process/answer_wait.h"
#include "runtime/process/process_hooks.h"
#include "runtime/process/worker_main.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

thread_local const ProcessWorkers* workers_of_this_thread = nullptr;

int AllowedCpus() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

ProcessPoolOptions Checked(ProcessPoolOptions options) {
  const auto check = [](int value, const char* what) {
    if (value < 1) {
      throw std::invalid_argument(std::string("ProcessPool: ") + what + " is " +
                                  std::to_string(value) + ", it must be at least 1");
    }
  };
  check(options.max_workers.value_or(1), "max_workers");
  check(options.max_jobs_per_worker.value_or(1), "max_jobs_per_worker");
  check(options.jobs_at_a_worker, "jobs_at_a_worker");
  if (options.max_jobs_per_worker && options.start == WorkerStart::kFork) {
    throw std::invalid_argument(
        "ProcessPool: max_jobs_per_worker needs workers that are spawned: a fork in the midst of a "
        "program with threads copies the locks that they hold");
  }
  if (options.start == WorkerStart::kSpawn && !CanServeSpawned()) {
    throw std::logic_error(
        "ProcessPool: a spawned worker is this program once more, so main has to begin with "
        "ServeIfWorker(argc, argv) (worker_main.h)");
  }
  if (options.name.empty()) {
    options.name = options.start == WorkerStart::kFork ? "ForkProcess" : "SpawnProcess";
  }
  // Whoever looks after the workers waits for one answer at a time.
  if (process_hooks().await != nullptr) options.jobs_at_a_worker = 1;
  return options;
}

}  // namespace

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

// ---- starting workers ----

// Forked workers come before the threads of this pool.
ProcessWorkers::ProcessWorkers(ProcessPoolOptions options)
    : options_(Checked(std::move(options))),
      max_workers_(options_.max_workers.value_or(AllowedCpus())),
      owner_(getpid()) {
  if (options_.start == WorkerStart::kSpawn) return;
  std::lock_guard lock(mutex_);
  while (static_cast<int>(workers_.size()) < max_workers_) AddWorker();
  for (const auto& worker : workers_) {
    worker->thread = std::thread([this, &worker = *worker] { Main(worker); });
  }
}

ProcessWorkers::~ProcessWorkers() {
  Shutdown(false);
  Join();
}

ProcessWorkers::Worker& ProcessWorkers::AddWorker() {
  auto worker = std::make_unique<Worker>(*this);
  StartProcess(*worker);
  workers_.push_back(std::move(worker));
  return *workers_.back();
}

void ProcessWorkers::StartProcess(Worker& worker) {
  auto [ours, theirs] = MessageChannel::Pair();
  const std::string name = options_.name + "-" + std::to_string(next_name_);
  const bool listens = process_hooks().heard != nullptr;
  const auto serve = [&name, &theirs = theirs, listens] {
    return ServeJobs(std::move(theirs), name, listens);
  };
  Process process = options_.start == WorkerStart::kFork
                        ? Process::Fork(serve, {theirs.get()})
                        : Process::Spawn(SpawnedWorkerArguments(name, listens),
                                         {.descriptors = {{kSocketOfSpawned, theirs.get()}}});
  worker.wait = std::make_unique<AnswerWait>(ours.get(), process.end_descriptor());
  if (process_hooks().started != nullptr) process_hooks().started(process.pid());
  worker.process = std::move(process);
  ++next_name_;
  worker.name = name;
  worker.channel.emplace(std::move(ours));
  worker.talk = Worker::Talk::kGoesOn;
  worker.given = 0;
  worker.may_end = false;
}

// ---- giving out jobs ----

void ProcessWorkers::Enqueue(std::unique_ptr<RemoteJob> job) {
  Failed failed;
  {
    std::lock_guard lock(mutex_);
    if (broken_) throw *broken_;
    if (shut_down_) throw std::logic_error("ProcessPool::Submit: the pool has been shut down");
    // The worker first: if there can be no further process, nothing has happened.
    if (queue_.empty() && WorkerWithRoom() == nullptr &&
        static_cast<int>(workers_.size()) < max_workers_) {
      Worker& worker = AddWorker();
      worker.thread = std::thread([this, &worker] { Main(worker); });
    }
    queue_.push_back(std::move(job));
    failed = Dispatch();
  }
  Tell(std::move(failed));
}

// The one with the fewest jobs.
ProcessWorkers::Worker* ProcessWorkers::WorkerWithRoom() {
  Worker* best = nullptr;
  for (const auto& worker : workers_) {
    if (!worker->process || worker->may_end) continue;
    if (worker->jobs.size() >= static_cast<std::size_t>(options_.jobs_at_a_worker)) continue;
    if (options_.max_jobs_per_worker && worker->given >= *options_.max_jobs_per_worker) continue;
    if (best == nullptr || worker->jobs.size() < best->jobs.size()) best = worker.get();
  }
  return best;
}

// Who waits for one of several jobs at a worker would complete the others as well, and their
// callbacks would hold him up. In a simulation words of a worker are heard by the pool's thread.
std::shared_ptr<FutureDriver> ProcessWorkers::DriverOf(Worker& worker) {
  if (options_.jobs_at_a_worker > 1 || process_hooks().heard != nullptr) return nullptr;
  return {shared_from_this(), &worker};
}

ProcessWorkers::Failed ProcessWorkers::Dispatch() {
  Failed failed;
  while (!queue_.empty()) {
    Worker* worker = WorkerWithRoom();
    if (worker == nullptr) break;
    std::unique_ptr<RemoteJob> job = std::move(queue_.front());
    queue_.pop_front();
    if (!job->Start()) continue;
    worker->jobs.emplace_back(next_number_++, std::move(job));
    ++worker->given;
    SendNext(*worker, failed);
  }
  if (queue_.empty()) {
    for (const auto& worker : workers_) EndIfDone(*worker);
  }
  return failed;
}

void ProcessWorkers::SendNext(Worker& worker, Failed& failed) {
  while (worker.sent < worker.jobs.size()) {
    auto& [number, job] = worker.jobs[worker.sent];
    MessageChannel::Sent sent;
    try {
      sent = worker.channel->Send(MessageKind::kJob, number, job->request, job->descriptors, false);
    } catch (...) {  // there is no memory for it
      failed.emplace_back(std::move(job), std::current_exception());
      worker.jobs.erase(worker.jobs.begin() + static_cast<std::ptrdiff_t>(worker.sent));
      continue;
    }
    if (sent == MessageChannel::Sent::kNoRoom) return;  // its next answer makes some
    // If nobody is there, its thread hears of it as well.
    job->request = std::string();
    job->descriptors.clear();
    ++worker.sent;
    if (const auto driver = DriverOf(worker)) job->SetDriver(driver);
    if (process_hooks().await != nullptr) {
      process_hooks().await(worker.channel->fd(), worker.process->end_descriptor(), -1);
    }
  }
}

// Nothing is left for it: it is to end by itself.
void ProcessWorkers::EndIfDone(Worker& worker) {
  if (!worker.process || worker.may_end || !worker.jobs.empty()) return;
  const bool worn_out =
      options_.max_jobs_per_worker && worker.given >= *options_.max_jobs_per_worker;
  if (!worn_out && !(shut_down_ && queue_.empty())) return;
  worker.may_end = true;
  worker.channel->EndSending();
  if (process_hooks().await != nullptr) {
    process_hooks().await(-1, worker.process->end_descriptor(), -1);
  }
}

std::size_t ProcessWorkers::Unfinished() const {
  std::size_t unfinished = 0;
  for (const auto& job : queue_) unfinished += job->futures();
  for (const auto& worker : workers_) {
    for (const auto& [number, job] : worker->jobs) unfinished += job->futures();
  }
  return unfinished;
}

// ---- the thread of a worker ----

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

// ---- the end ----

ProcessWorkers::Failed ProcessWorkers::Break(const BrokenProcessPool& why) {
  broken_ = why;
  const std::exception_ptr error = std::make_exception_ptr(why);
  Failed failed;
  for (const auto& worker : workers_) {
    for (auto& [number, job] : worker->jobs) failed.emplace_back(std::move(job), error);
    worker->jobs.clear();
    worker->sent = 0;
    if (worker->process) worker->process->Kill();
  }
  for (auto& job : queue_) {
    if (job->Start()) failed.emplace_back(std::move(job), error);
  }
  queue_.clear();
  return failed;
}

void ProcessWorkers::Tell(Failed failed) {
  for (auto& [job, error] : failed) job->Fail(error);
}

void ProcessWorkers::Shutdown(bool cancel_queued) {
  std::deque<std::unique_ptr<RemoteJob>> cancelled;
  {
    std::lock_guard lock(mutex_);
    shut_down_ = true;
    if (cancel_queued) std::swap(cancelled, queue_);
    for (const auto& worker : workers_) EndIfDone(*worker);
  }
  for (const auto& job : cancelled) {
    job->Cancel();
    job->Start();  // which tells those in Wait
  }
}

void ProcessWorkers::Join() {
  std::lock_guard joining(joining_);
  std::vector<std::thread*> threads;
  {
    std::lock_guard lock(mutex_);  // no worker is added after Shutdown
    for (const auto& worker : workers_) threads.push_back(&worker->thread);
  }
  for (std::thread* thread : threads) {
    if (thread->joinable()) thread->join();
  }
}

bool ProcessWorkers::Ended() const {
  std::lock_guard lock(mutex_);
  return shut_down_ && std::none_of(workers_.begin(), workers_.end(),
                                    [](const auto& worker) { return worker->process.has_value(); });
}

bool ProcessWorkers::IsWorker() const { return workers_of_this_thread == this; }

bool ProcessWorkers::CalledInAnotherProcess() const { return getpid() != owner_; }

std::vector<WorkerProcess> ProcessWorkers::workers() const {
  std::lock_guard lock(mutex_);
  std::vector<WorkerProcess> all;
  for (const auto& worker : workers_) {
    if (worker->process) all.push_back({worker->name, worker->process->pid()});
  }
  return all;
}

std::size_t ProcessWorkers::queued() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

}  // namespace interleave
