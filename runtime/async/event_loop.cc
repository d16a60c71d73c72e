// runtime/async/event_loop.cc

#include "runtime/async/event_loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "runtime/async/async_errors.h"
#include "runtime/async/flag_lock.h"
#include "runtime/async/suspension.h"
#include "runtime/async/task_core.h"
#include "runtime/async/wait_graph.h"
#include "runtime/threads/thread_pool.h"

namespace interleave {
namespace {

// While callbacks keep the loop busy it asks the kernel for ready descriptors only so often: a
// system call costs as much as twenty turns of tasks that yield.
constexpr int kIterationsPerPoll = 64;

struct LiveLoops {
  FlagLock mutex;
  std::set<const EventLoop*> loops;  // guarded by mutex
};
LiveLoops& TheLiveLoops() {
  static LiveLoops& live = *new LiveLoops;  // handles may be dropped by the destructors of statics
  return live;
}

}  // namespace

std::string TextOf(const std::exception_ptr& error) {
  if (error == nullptr) return "";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (const TaskCancelled& cancelled) {
    return cancelled.message().empty() ? "cancelled" : "cancelled: " + cancelled.message();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

std::string LoopError::Text() const {
  std::string text = message;
  if (!task.empty()) text += ", " + task;
  if (const std::string what = TextOf(exception); !what.empty()) text += ": " + what;
  return text;
}

// Construction and the end.

EventLoop::EventLoop() : owner_(std::this_thread::get_id()) {
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd_ < 0) throw std::system_error(errno, std::generic_category(), "EventLoop: epoll");
  try {
    inbox_ = std::make_shared<LoopInbox>(*this);
    UpdateEpoll(inbox_->fd(), 0, EPOLLIN);
  } catch (...) {
    close(epoll_fd_);
    throw;
  }
  {
    std::lock_guard lock(TheLiveLoops().mutex);
    TheLiveLoops().loops.insert(this);
  }
  watches_tasks_ = watches_steps_ = hooks_.task != nullptr;
  if (hooks_.prepare != nullptr) hooks_.prepare(*this);
}

EventLoop::~EventLoop() {
  Close();
  std::lock_guard lock(TheLiveLoops().mutex);
  TheLiveLoops().loops.erase(this);
}

bool EventLoop::IsAlive(const EventLoop* loop) {
  std::lock_guard lock(TheLiveLoops().mutex);
  return TheLiveLoops().loops.contains(loop);
}

void EventLoop::ThrowClosed() { throw std::logic_error("the event loop is closed"); }

void EventLoop::Close() {
  if (running_) throw std::logic_error("EventLoop::Close: the loop is running");
  if (closed_) return;
  ShutDownDefaultPool();
  while (!signal_handlers_.empty()) RemoveSignalHandler(signal_handlers_.begin()->first);
  // Frames first: what they destroy may still make something ready. The tasks themselves last,
  // since they may stand in the ready queue.
  std::vector<SharedState<TaskCore>> abandoned;
  while (!tasks_.empty()) {
    TaskCore& task = static_cast<TaskCore&>(*tasks_.first());
    CallExceptionHandler({"Task was destroyed but it is pending", nullptr, task.Name()});
    if (watches_tasks_) hooks_.task(task, TaskMoment::kEnds);
    abandoned.emplace_back(&task);
    tasks_.Remove(task);
    task.Abandon();
    task.Release();  // the loop's share
  }
  // Nobody will complete these any more, and what waits for them is dropped below.
  for (auto& [number, future] : outside_) {
    if (!future->is_task()) future->Cancel("the loop was closed");
  }
  closed_ = true;
  inbox_->Close();
  current_.Append(ready_);
  while (!current_.empty()) current_.Pop().Drop();
  while (!timers_.empty()) timers_.Pop().Drop();
  watches_.clear();
  watched_ = 0;
  outside_.clear();
  close(epoll_fd_);
}

EventLoop* EventLoop::Running() { return running_now.loop; }

EventLoop& EventLoop::Current() {
  if (running_now.loop == nullptr) throw std::logic_error("no event loop runs in this thread");
  return *running_now.loop;
}

// Running.

void EventLoop::Enter() {
  CheckOpen();
  if (running_) throw std::logic_error("this event loop is already running");
  if (running_now.loop != nullptr) {
    throw std::logic_error("cannot run an event loop while another one runs in the same thread");
  }
  owner_ = std::this_thread::get_id();
  running_ = true;
  running_now.loop = this;
  running_now.await_depth_limit = await_depth_limit_;
}

void EventLoop::Leave() {
  running_now.loop = nullptr;
  running_ = false;
  stopping_ = false;
  // An exception may have left some of the iteration's callbacks.
  current_.Append(ready_);
  ready_.Append(current_);
}

void EventLoop::RunForever() {
  Enter();
  struct LeaveAtEnd {
    EventLoop& loop;
    ~LeaveAtEnd() { loop.Leave(); }
  } leave{*this};
  do {
    RunOnce();
  } while (!stopping_);
}

// One iteration: the loop itself.
void EventLoop::RunOnce() {
  if (inbox_->maybe_any()) inbox_->MoveTo(ready_);
  const bool may_sleep = ready_.empty() && !stopping_;
  if (may_sleep || --iterations_until_poll_ <= 0) Poll(may_sleep);

  if (!timers_.empty()) {
    const TimePoint now = Time();
    while (!timers_.empty() && timers_.first_deadline() <= now) ready_.Push(timers_.Pop());
  }

  // What these make ready goes to ready_, and so into the next iteration.
  current_.Append(ready_);
  while (!current_.empty()) {
    Runnable& next = hooks_.choose == nullptr ? current_.Pop() : ChooseNext();
    if (!watches_steps_) {
      next.Run();
    } else {
      RunWatched(next);
    }
  }
}

void EventLoop::Poll(bool may_sleep) {
  iterations_until_poll_ = kIterationsPerPoll;
  if (!may_sleep && watched_ == 0 && signal_handlers_.empty()) return;
  timespec timeout{0, 0};
  timespec* until = &timeout;
  if (may_sleep) {
    if (timers_.empty()) {
      CheckForCycles();
      until = nullptr;
    } else if (const Duration left = timers_.first_deadline() - Time(); left > Duration(0)) {
      timeout.tv_sec = left / std::chrono::seconds(1);
      timeout.tv_nsec = (left % std::chrono::seconds(1)).count();
    } else if (watched_ == 0 && signal_handlers_.empty()) {
      return;  // a timer has expired, and there is nothing else to look for
    }
  }
  std::array<epoll_event, 256> events;
  const int ready = epoll_pwait2(epoll_fd_, events.data(), events.size(), until, nullptr);
  bool woken = false;
  for (int i = 0; i < ready; ++i) {
    const int fd = events[i].data.fd;
    woken = woken || fd == inbox_->fd();
    if (static_cast<std::size_t>(fd) >= watches_.size()) continue;  // only the inbox
    const Watch& watch = watches_[static_cast<std::size_t>(fd)];
    if (watch.watcher != nullptr && (events[i].events & ~std::uint32_t{EPOLLOUT}) != 0) {
      if (!watch.watcher->OnReadable()) UnwatchReadable(fd);
    }
    // Errors and hang-ups concern both.
    for (auto [callback, mask] : {std::pair(watch.reader.get(), ~std::uint32_t{EPOLLOUT}),
                                  std::pair(watch.writer.get(), ~std::uint32_t{EPOLLIN})}) {
      if (callback == nullptr || (events[i].events & mask) == 0) continue;
      callback->Share();
      ready_.Push(*callback);
    }
  }
  if (woken) inbox_->ClearWakeUp();
  if (inbox_->maybe_any()) inbox_->MoveTo(ready_);
  TakeSignals();
}

// What is no task keeps its place in the queue: a callback that comes first runs first.
Runnable& EventLoop::ChooseNext() {
  std::vector<TaskCore*> tasks;
  bool task_is_first = false, is_first = true;
  current_.ForEach([&](Runnable& ready) {
    auto* task = dynamic_cast<TaskCore*>(&ready);
    if (std::exchange(is_first, false)) task_is_first = task != nullptr;
    if (task != nullptr) tasks.push_back(task);
  });
  if (!task_is_first || tasks.size() < 2) return current_.Pop();
  Runnable& chosen = *tasks[hooks_.choose(tasks) % tasks.size()];
  current_.Remove(chosen);
  return chosen;
}

void EventLoop::TellReady(Runnable& ready) {
  if (auto* task = dynamic_cast<TaskCore*>(&ready)) hooks_.task(*task, TaskMoment::kReady);
}

void EventLoop::RunWatched(Runnable& next) {
  auto* task = dynamic_cast<TaskCore*>(&next);
  const SharedState<TaskCore> keep(task);  // it may end in this step
  auto now = [] {
    return hooks_.stopwatch != nullptr ? hooks_.stopwatch() : Clock::now().time_since_epoch();
  };
  struct TellEnd {  // also when the task throws Interrupted
    TaskCore* task;
    ~TellEnd() {
      if (task != nullptr)
        hooks_.task(*task, task->done() ? TaskMoment::kEnds : TaskMoment::kPauses);
    }
  } tell_end{watches_tasks_ ? task : nullptr};
  if (tell_end.task != nullptr) hooks_.task(*task, TaskMoment::kBegins);
  const Duration start = now();
  next.Run();
  const Duration duration = now() - start;
  if (slow_step_handler_ == nullptr || duration <= slow_step_) return;
  SlowStep slow{.name = "callback",
                .place = "",
                .ended = false,
                .duration = duration,
                .were_ready = {},
                .late = {}};
  if (task != nullptr) {
    slow.name = task->Name();
    slow.place = task->Place();
    slow.ended = task->done();
  }
  // Who was ready before the step waited for all of it; a sleeper that was to go on, for a part.
  for (const RunnableList* list : {&current_, &ready_}) {
    list->ForEach([&](Runnable& ready) {
      if (auto* other = dynamic_cast<TaskCore*>(&ready)) slow.were_ready.push_back(other->Name());
    });
  }
  const TimePoint end = Time();
  for (TaskLinks* at = tasks_.first(); at != tasks_.end(); at = at->behind) {
    auto& other = static_cast<TaskCore&>(*at);
    const Suspension* wait = other.waits_for();
    if (&other == task || wait == nullptr) continue;
    if (const TimePoint due = wait->due(); due < end) {
      slow.late.push_back({other.Name(), end - due});
    }
  }
  std::stable_sort(slow.late.begin(), slow.late.end(),
                   [](const auto& a, const auto& b) { return a.by > b.by; });
  slow_step_handler_(slow);
}

void EventLoop::Unready(Runnable& ready) {
  ready_.Remove(ready);
  current_.Remove(ready);
}

// What nobody catches.

void EventLoop::Report(const std::string& line) noexcept {
  if (hooks_.report != nullptr) return hooks_.report(line);
  const std::string text = line + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void EventLoop::CallExceptionHandler(const LoopError& error) noexcept {
  if (exception_handler_ == nullptr) return Report(error.Text());
  try {
    exception_handler_(*this, error);
  } catch (...) {
    Report(error.Text());
    Report("the exception handler itself threw: " + TextOf(std::current_exception()));
  }
}

void EventLoop::SetSlowStepHandler(Duration threshold,
                                   std::function<void(const SlowStep&)> handler) {
  slow_step_ = threshold;
  slow_step_handler_ = std::move(handler);
  watches_steps_ = watches_tasks_ || slow_step_handler_ != nullptr;
}

void EventLoop::SetAwaitDepthLimit(std::uint32_t limit) {
  await_depth_limit_ = limit;
  if (running_) running_now.await_depth_limit = limit;
}

void EventLoop::NoteAwait(TaskCore& task, Completion& awaited) {
  std::string cycle;
  switch (FindCycle(task, awaited, cycle)) {
    case CycleSearch::kNone:
      return;
    case CycleSearch::kGaveUp:
      check_for_cycles_ = true;
      return;
    case CycleSearch::kFound:
      CallExceptionHandler({"tasks wait for each other: " + cycle, nullptr, ""});
  }
}

void EventLoop::CheckForCycles() {
  if (!std::exchange(check_for_cycles_, false)) return;
  for (const std::string& cycle : AllCycles(tasks_)) {
    CallExceptionHandler({"tasks wait for each other: " + cycle, nullptr, ""});
  }
}

ThreadPool& EventLoop::default_pool() {
  CheckOpen();
  if (default_pool_ == nullptr) default_pool_ = std::make_unique<ThreadPool>();
  return *default_pool_;
}

void EventLoop::ShutDownDefaultPool() { default_pool_.reset(); }

std::uint64_t EventLoop::KeepForOutside(Completion& future) {
  outside_.emplace(++next_outside_, &future);
  return next_outside_;
}

SharedState<Completion> EventLoop::TakeFromOutside(std::uint64_t number) {
  return std::move(outside_.extract(number).mapped());
}

}  // namespace interleave
