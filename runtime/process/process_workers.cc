// runtime/process/process_workers.cc

#include "runtime/process/process_workers.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "runtime/process/process_hooks.h"
#include "runtime/process/process_worker.h"
#include "runtime/process/worker_main.h"

namespace interleave {
namespace {

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
