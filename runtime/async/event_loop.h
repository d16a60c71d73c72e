// runtime/async/event_loop.h
//
// One thread can look after ten thousand conversations if it never waits for one of them. A loop
// keeps a queue of callbacks that are ready and runs them one after the other; when none is left it
// sleeps until a timer expires, a descriptor can be read or written, or another thread calls.
//
//   EventLoop loop;
//   loop.CallLater(1s, [] { std::cout << "world\n"; });
//   loop.CallSoon([] { std::cout << "hello\n"; });
//   loop.CallLater(2s, [&] { loop.Stop(); });
//   loop.RunForever();
//
// One iteration (RunOnce in event_loop.cc is the whole of it):
//
//   sleep until something can run -> descriptors that are ready -> timers that have expired
//        -> run what is ready now, first in first out
//
// What a callback makes ready runs in the next iteration, so nobody starves the others; an expired
// timer queues behind what was ready. Tasks (spawn.h) are steps in the same queue. These are the
// rules of Python's asyncio, and docs/python.md says where we differ.
//
// Threads: a loop belongs to the thread that made it, or to the one that runs it. Only
// CallSoonThreadSafe, Stop through it, and inbox() may be used from others.

#ifndef INTERLEAVE_RUNTIME_ASYNC_EVENT_LOOP_H_
#define INTERLEAVE_RUNTIME_ASYNC_EVENT_LOOP_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/async/callback.h"
#include "runtime/async/completion.h"
#include "runtime/async/loop_inbox.h"
#include "runtime/async/ready_queue.h"
#include "runtime/async/task_list.h"
#include "runtime/async/timer_heap.h"

namespace interleave {

class EventLoop;
class ThreadPool;

// What an exception says: its what(), or "cancelled". Empty for null.
std::string TextOf(const std::exception_ptr& error);

// What the exception handler is told.
struct LoopError {
  std::string message;  // "Exception in callback", "Task exception was never retrieved" ...
  std::exception_ptr exception;  // may be null
  std::string task;              // the name of the task that it is about, if any
  std::string Text() const;      // one line
};

// A step or a callback that held the loop for long.
struct SlowStep {
  std::string name;  // of the task, or "callback"
  // Where the task stood afterwards, "Fetch (fetch.cc:12)"; if it ended, its first function.
  // Empty for a callback.
  std::string place;
  bool ended = false;  // the task, in this step
  std::chrono::nanoseconds duration;
  std::vector<std::string> were_ready;  // the tasks that could have run meanwhile
  struct Late {
    std::string name;
    std::chrono::nanoseconds by;  // before the end of the step its sleep was over
  };
  std::vector<Late> late;  // the tasks that slept, and should have gone on meanwhile
};

// What happens to a task, for whoever draws it.
enum class TaskMoment {
  kReady,   // it may go on; the first time, it was just made
  kBegins,  // a step
  kPauses,  // the step is over, and the task is not done
  kEnds,    // it is done, or was destroyed with its loop
};

// For whoever looks after all the loops of a program, wherever it makes them. Nothing is set unless
// somebody sets it.
struct LoopHooks {
  // Which of these tasks, two at least, goes next, instead of the first. For whoever wants to try
  // all orders. Callbacks and timers stay in their order.
  std::size_t (*choose)(const std::vector<TaskCore*>& ready) = nullptr;
  // Is shown each new loop, and may set its handlers.
  void (*prepare)(EventLoop& loop) = nullptr;
  // Writes what no handler takes, instead of to stderr. A line, without the newline.
  void (*report)(const std::string& line) = nullptr;
  // A Runner has ended, and these tasks of its loop have not; they are cancelled next.
  void (*left_over)(const std::vector<std::string>& names) = nullptr;
  // What slow steps are measured with, instead of the clock.
  std::chrono::nanoseconds (*stopwatch)() = nullptr;
  // Is told each moment of each task, in the loop's thread. Of loops that are made from then on.
  void (*task)(TaskCore& task, TaskMoment moment) = nullptr;
};

// Is told while the loop polls, and may do no more than make something ready. A callback of
// AddReader has a turn of its own for that, which for a task that waits for bytes is one too many.
class ReadWatcher {
 public:
  // False: that was the last time, until the next WatchReadable.
  virtual bool OnReadable() = 0;

 protected:
  ~ReadWatcher() = default;
};

class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;
  using Duration = std::chrono::nanoseconds;
  using ExceptionHandler = std::function<void(EventLoop&, const LoopError&)>;

  EventLoop();
  // Close().
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // The loop that the calling thread is running; null if it runs none.
  static EventLoop* Running();
  // Throws: std::logic_error if there is none.
  static EventLoop& Current();

  // Callbacks. All of these throw std::logic_error if the loop is closed. Arguments are copied or
  // moved into the callback.

  // Calls function(args...) in the next iteration, after what is ready now.
  template <typename F, typename... Args>
  Handle CallSoon(F&& function, Args&&... args);
  // After `delay`, which may be negative: then in the next iteration, the most negative first.
  template <typename F, typename... Args>
  Handle CallLater(Duration delay, F&& function, Args&&... args);
  template <typename F, typename... Args>
  Handle CallAt(TimePoint when, F&& function, Args&&... args);
  // CallSoon for any thread; it wakes the loop.
  template <typename F, typename... Args>
  void CallSoonThreadSafe(F&& function, Args&&... args);

  // Calls function() in each iteration that finds fd readable (writable), until removed. A second
  // one for the same fd takes the place of the first.
  // Throws: std::system_error if the kernel cannot watch fd.
  template <typename F>
  void AddReader(int fd, F&& function);
  template <typename F>
  void AddWriter(int fd, F&& function);
  // False if there was none.
  bool RemoveReader(int fd);
  bool RemoveWriter(int fd);

  // Calls function() in the loop after the process got `signal`; one loop per signal.
  template <typename F>
  void AddSignalHandler(int signal, F&& function);
  bool RemoveSignalHandler(int signal);

  // Running.

  // Until Stop(). Throws: std::logic_error if closed, if it runs already, or if the thread runs
  // another loop; Interrupted if a callback or a task threw it.
  void RunForever();
  // Runs until `awaited` (a Task, a TaskHandle or an AsyncFuture; include spawn.h) is done, and
  // returns its result or throws its exception.
  // Throws besides: std::logic_error if it was stopped before; the task can be run further.
  template <typename Awaited>
  auto RunUntilComplete(Awaited awaited);
  // The iteration that is running, or the next one, is the last of RunForever.
  void Stop() { stopping_ = true; }
  // Drops what is ready and armed, and destroys the tasks that are not done, which are reported.
  // May be repeated. Throws: std::logic_error while it runs.
  void Close();
  bool is_running() const { return running_; }
  bool is_closed() const { return closed_; }
  TimePoint Time() const { return Clock::now(); }

  // From now on every delay of every loop (CallLater, SleepFor, the limit of a Timeout) lasts
  // `scale` times as long: 0.01 shows in a tenth of a second what takes ten. Clocks, and the points
  // in time of CallAt and SleepUntil, are left alone. To be set while no loop runs.
  // REQUIRES: scale >= 0.
  static void SetTimeScale(double scale) { time_scale_ = scale; }
  // The point in time that is `delay` from now, scaled.
  static TimePoint In(Duration delay) {
    if (time_scale_ == 1) return Clock::now() + delay;
    return Clock::now() +
           Duration(static_cast<Duration::rep>(static_cast<double>(delay.count()) * time_scale_));
  }

  // What nobody catches. The default handler writes LoopError::Text() to stderr, or to where the
  // hooks have it; nullptr restores it. A handler that throws is reported by the default one.
  void SetExceptionHandler(ExceptionHandler handler) { exception_handler_ = std::move(handler); }
  void CallExceptionHandler(const LoopError& error) noexcept;
  // A line for a reader, where no loop is at hand: what the default handler does.
  static void Report(const std::string& line) noexcept;

  // Reports each step that holds the loop longer than `threshold`. Costs two looks at the clock a
  // step, so it is off unless set; nullptr turns it off.
  void SetSlowStepHandler(Duration threshold, std::function<void(const SlowStep&)> handler);

  // More nested awaits than this throw std::runtime_error in the task, instead of using up memory.
  void SetAwaitDepthLimit(std::uint32_t limit);

  // For all loops, of all threads. REQUIRES: none runs.
  static void SetHooks(const LoopHooks& hooks) { hooks_ = hooks; }
  static const LoopHooks& hooks() { return hooks_; }

  // For the parts of this room.

  // Keeps a future that another thread will complete: it gets the number only, and has the loop
  // take the future back. So counting its owners stays the loop's thread's business.
  std::uint64_t KeepForOutside(Completion& future);
  SharedState<Completion> TakeFromOutside(std::uint64_t number);
  // False for a loop that was destroyed.
  static bool IsAlive(const EventLoop* loop);

  // AddReader for who needs no turn of the loop; beside a reader.
  void WatchReadable(int fd, ReadWatcher& watcher);
  void UnwatchReadable(int fd);

  void Arm(Timer& timer, TimePoint when) { timers_.Arm(timer, when); }
  void Disarm(Timer& timer) { timers_.Disarm(timer); }
  // REQUIRES: armed.
  TimePoint DeadlineOf(const Timer& timer) const { return timers_.deadline(timer); }
  void MakeReady(Runnable& ready) {
    if (watches_tasks_) [[unlikely]]
      TellReady(ready);
    ready_.Push(ready);
  }
  void MakeReady(RunnableList& ready) {
    if (watches_tasks_) [[unlikely]]
      ready.ForEach([](Runnable& one) { TellReady(one); });
    ready_.Append(ready);
  }
  // Takes it out again. Slow.
  void Unready(Runnable& ready);
  // A task waits for something that may, in the end, wait for it.
  void NoteAwait(TaskCore& task, Completion& awaited);
  TaskList& tasks() { return tasks_; }
  const std::shared_ptr<LoopInbox>& inbox() const { return inbox_; }
  // The pool for Offload without a pool; made when first asked for.
  ThreadPool& default_pool();
  // Waits for its jobs, if there is one.
  void ShutDownDefaultPool();
  void CheckOpen() const {
    if (closed_) ThrowClosed();
  }

 private:
  struct Watch {
    Handle reader, writer;
    ReadWatcher* watcher = nullptr;
    std::uint32_t events() const;
  };

  template <typename F, typename... Args>
  Callback& NewCallback(F&& function, Args&&... args);
  Watch& WatchOf(int fd);
  void SetWatch(int fd, Handle Watch::*which, Callback& callback);
  bool ClearWatch(int fd, Handle Watch::*which);
  void UpdateEpoll(int fd, std::uint32_t before, std::uint32_t after);
  void CatchSignal(int signal, Callback& callback);
  void TakeSignals();
  void RunOnce();
  void Poll(bool may_sleep);
  void RunWatched(Runnable& next);
  static void TellReady(Runnable& ready);
  Runnable& ChooseNext();
  void CheckForCycles();
  void Enter();
  void Leave();
  [[noreturn]] static void ThrowClosed();

  std::atomic<std::thread::id> owner_;  // the thread that made it or ran it last
  bool running_ = false;
  bool stopping_ = false;
  bool closed_ = false;
  bool watches_tasks_ = false;  // hooks_.task is told
  bool watches_steps_ = false;  // that, or there is a slow_step_handler_
  int iterations_until_poll_ = 1;
  std::uint32_t await_depth_limit_ = 10'000'000;

  RunnableList ready_;    // for the next iteration
  RunnableList current_;  // what is left of the one that is running
  TimerHeap timers_;
  TaskList tasks_;                 // that are not done
  bool check_for_cycles_ = false;  // since the last check a task began to wait in a long chain

  int epoll_fd_ = -1;
  std::vector<Watch> watches_;             // by descriptor, which are small numbers
  std::size_t watched_ = 0;                // how many of them are watched
  std::map<int, Handle> signal_handlers_;  // by signal
  std::shared_ptr<LoopInbox> inbox_;

  ExceptionHandler exception_handler_;
  Duration slow_step_{0};
  std::function<void(const SlowStep&)> slow_step_handler_;
  std::unique_ptr<ThreadPool> default_pool_;
  std::map<std::uint64_t, SharedState<Completion>> outside_;  // by the numbers given out
  std::uint64_t next_outside_ = 0;

  static inline LoopHooks hooks_;
  static inline double time_scale_ = 1;
};

// How it works: templates.

template <typename F, typename... Args>
Callback& EventLoop::NewCallback(F&& function, Args&&... args) {
  CheckOpen();
  if constexpr (sizeof...(Args) == 0) {
    return *new CallbackOf<std::decay_t<F>>(*this, std::forward<F>(function));
  } else {
    auto call = [function = std::forward<F>(function),
                 args = std::make_tuple(std::forward<Args>(args)...)]() mutable {
      std::apply(std::move(function), std::move(args));
    };
    return *new CallbackOf<decltype(call)>(*this, std::move(call));
  }
}

template <typename F, typename... Args>
Handle EventLoop::CallSoon(F&& function, Args&&... args) {
  Callback& callback = NewCallback(std::forward<F>(function), std::forward<Args>(args)...);
  callback.Share();  // the queue's share
  ready_.Push(callback);
  return Handle(&callback);
}

template <typename F, typename... Args>
Handle EventLoop::CallAt(TimePoint when, F&& function, Args&&... args) {
  Callback& callback = NewCallback(std::forward<F>(function), std::forward<Args>(args)...);
  callback.Share();  // the heap's share
  timers_.Arm(callback, when);
  return Handle(&callback);
}

template <typename F, typename... Args>
Handle EventLoop::CallLater(Duration delay, F&& function, Args&&... args) {
  return CallAt(In(delay), std::forward<F>(function), std::forward<Args>(args)...);
}

template <typename F, typename... Args>
void EventLoop::CallSoonThreadSafe(F&& function, Args&&... args) {
  // One queue for what the loop's own thread calls, so that it stays in order.
  if (std::this_thread::get_id() == owner_) {
    CallSoon(std::forward<F>(function), std::forward<Args>(args)...);
    return;
  }
  auto call = [function = std::forward<F>(function),
               args = std::make_tuple(std::forward<Args>(args)...)]() mutable {
    std::apply(std::move(function), std::move(args));
  };
  if (!inbox_->Post(std::move(call))) throw std::logic_error("the event loop is closed");
}

template <typename F>
void EventLoop::AddReader(int fd, F&& function) {
  SetWatch(fd, &Watch::reader, NewCallback(std::forward<F>(function)));
}

template <typename F>
void EventLoop::AddWriter(int fd, F&& function) {
  SetWatch(fd, &Watch::writer, NewCallback(std::forward<F>(function)));
}

template <typename F>
void EventLoop::AddSignalHandler(int signal, F&& function) {
  CatchSignal(signal, NewCallback(std::forward<F>(function)));
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_EVENT_LOOP_H_
