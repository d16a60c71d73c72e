// runtime/engine/scheduler.h
//
// Who goes on. A simulated thread stops before each visible operation, and stands in one of three
// places until it is told to go:
//
//     ready      it could do its operation now; the strategy picks one of these
//     settling   it has nothing visible to do yet (it starts, or what it waited for is over): it
//                goes first, as far as its next visible operation, and nobody has to choose
//                ready (MakeReady) or lets it settle (Settle)
//
// A primitive is then a list of waiting threads and one of those two calls. PickNext is the loop.
//
// Runs on one OS thread: nothing here is locked.
#ifndef INTERLEAVE_RUNTIME_ENGINE_SCHEDULER_H_
#define INTERLEAVE_RUNTIME_ENGINE_SCHEDULER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/engine/strategy.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/thread_set.h"
#include "runtime/engine/virtual_time.h"

namespace interleave::engine {

class Scheduler {
 public:
  struct Result {
    Ending ending = Ending::kReturned;
    std::string outcome;
    std::string detail;  // of an ending that names something: the exception's text ...
  };

  // From outside, once before a series of runs: finds the thread-local storage.
  void Begin();

  // From outside: runs `body` once as thread 0. Afterwards all of it can still be looked at, until
  // the next call.
  void Run(const Body& body, Strategy& strategy, Time start, std::int64_t step_budget);
  const Result& GetResult() const { return result_; }

  // Instead of Run: what another process told of a run of its own (forked_run.h).
  struct Told {
    Result result;
    std::vector<std::uint32_t> path;
    std::int64_t steps = 0;
    int preemptions = 0;
    bool cut_spins = false;
  };
  void TakeOver(Told told);

  // While a strategy is asked about it again: as much of its threads as a strategy may look at.
  void ShowNone() { thread_count_ = 0; }
  void Show(std::uint32_t thread, const ThreadGlance& glance);
  void ShowCurrent(std::uint32_t thread) { current_ = threads_[thread].get(); }

  const std::vector<std::uint32_t>& Path() const { return path_; }
  std::int64_t Steps() const { return steps_; }
  int Preemptions() const { return preemptions_; }
  bool CutSpins() const { return cut_spins_; }  // in any run since Begin

  // The rule of a real-time system: a thread goes on only if none of those that can is more urgent.
  // Whatever strategy there is chooses among equals, so all that it does stays within the rule.
  bool by_priority = false;

  // From a simulated thread, in an EngineScope.

  Thread& Current() { return *current_; }

  // No other thread exists, or all have been joined: whatever the current one does happens before
  // anything that a thread created later does.
  bool Alone() const { return others_ == 0; }
  void Joined(const Thread& thread);
  Thread& At(std::size_t number) { return *threads_[number]; }
  const TlsLayout& Layout() const { return layout_; }
  bool Running() const { return running_; }
  bool IsThisOsThread() const;
  std::size_t ThreadCount() const { return thread_count_; }
  VirtualTime& Clock() { return clock_; }

  // A new thread, settling. Its clock and start routine are the caller's business.
  Thread& NewThread();

  // The current thread is over, and what is to run at its end has run. Thread 0 comes here if it
  // calls pthread_exit.
  [[noreturn]] void EndThread();

  // Stops before an operation that can be done now; returns when it is this thread's turn.
  void Visible(StepKind kind, const void* object, std::uintptr_t place, std::uint32_t size = 0);

  // The same for an operation that may do no more than look: a read, an attempt that may fail. If
  // it turns out to change something, the caller says so with Changed.
  void Look(StepKind kind, const void* object, std::uintptr_t place, std::uint32_t size = 0);
  void Changed() { current_->looks.clear(); }

  // The step that is being made depends on `object`, besides the one that was said when its thread
  // stopped: a wait that unlocks, an unlock in a destructor. Of two steps that depend on the same
  // object and do not both only read it the order matters (strategy kDistinct).
  void Touches(const void* object, bool write = true);
  void Touches(const void* object, StepKind kind);

  // Gives way if the current thread has been the only one for very long.
  void NotAloneForEver(std::uintptr_t place);

  // Lets somebody else make a step first.
  void GiveWay(std::uintptr_t place);

  // Stops before an operation until somebody makes this thread ready or lets it settle, or the
  // clock reaches `deadline`. True if it was in time. `settles`: at the deadline it just goes on,
  // else running out of time is a step to choose like any other.
  bool Wait(StepKind kind, const void* object, std::uintptr_t place, Time deadline,
            bool settles = false);

  // Stops before an operation that may or may not be possible now; whoever changes that calls
  // MakeReady or MakeWait. Returns when it is this thread's turn, at the latest after `deadline`.
  void StandBefore(StepKind kind, const void* object, std::uintptr_t place, bool possible,
                   std::uint32_t size = 0, Time deadline = kNever);

  bool IsReady(const Thread& thread) const { return ready_.Contains(thread.number); }
  void MakeReady(Thread& thread) {
    thread.released_by = current_->number;
    ready_.Add(thread.number);
  }
  void MakeWait(Thread& thread) {
    if (!thread.expired) ready_.Remove(thread.number);
  }
  // Several at once. REQUIRES: no trace is taken, and none of those that wait has a deadline.
  void MakeReady(const ThreadSet& threads) { ready_.AddAll(threads); }
  void MakeWait(const ThreadSet& threads) { ready_.RemoveAll(threads); }

  void WakeReady(Thread& thread);   // a Wait is over; being woken is a step to choose
  void WakeSettle(Thread& thread);  // a Wait is over; the thread goes on before anybody chooses

  // Uses up part of the step budget; the run ends when none is left.
  void CountSteps(std::int64_t steps) {
    if ((steps_ += steps) > step_budget_) End(Ending::kLivelock, "livelock");
  }

  // A thread that only accesses memory, at places that are no points, may be waiting for another
  // one in a loop. True: with these it has made a million accesses since it last stopped, and ought
  // to give way.
  bool QuietForLong(std::int64_t accesses) { return (quiet_left_ -= accesses) <= 0; }

  // An answer to a question of data, 0 <= it < options.
  std::uint32_t Choose(std::uint32_t options);

  // One of the highest; it may be the only one.
  std::uint32_t ChooseMostUrgent(const std::vector<int>& priorities);

  // Ends the run; the stacks of its threads are given up.
  [[noreturn]] void End(Ending ending, std::string outcome, std::string detail = "");

  // In a child process: the simulation goes on in the parent only.
  void LeaveSimulation() {
    running_ = false;
    left_ = true;
  }
  bool HasLeft() const { return left_; }

  // Runs `errand` on the stack of whoever called Run, where there is room for big libraries and
  // every simulated thread can be asked.
  void OnRootStack(const std::function<void()>& errand);

  // From the root stack: runs `question` on the stack of a thread that has stopped.
  void Ask(Thread& thread, const std::function<void()>& question);

 private:
  [[noreturn]] void Finish(Ending ending);
  static void MainEntry(Fiber& fiber);
  static void ThreadEntry(Fiber& fiber);

  Thread& Allocate();
  [[gnu::noinline, gnu::cold]] void AddThread();
  static void Stop(Thread& me, const Operation& next);
  Thread* PickNext();
  const ThreadSet& MostUrgent();
  void Reschedule();
  void Resume(Thread& next);
  void Settle(Thread& thread) {
    thread.settles_next = nullptr;
    (first_settling_ == nullptr ? first_settling_ : last_settling_->settles_next) = &thread;
    last_settling_ = &thread;
  }
  bool Repeats(Thread& me, const void* object, std::uintptr_t place);
  void Leave(Fiber& to);
  bool PassTime();
  bool WakeSleepers();

  TlsLayout layout_;
  Fiber root_;
  Thread* current_ = nullptr;
  Strategy* strategy_ = nullptr;
  const Body* body_ = nullptr;

  std::vector<std::unique_ptr<Thread>> threads_;  // the first thread_count_ are this run's
  std::size_t thread_count_ = 0;
  std::uint64_t turn_ = 0;  // counts the times that another thread went on
  bool cut_spins_ = false;
  std::size_t others_ = 0;  // created, and not joined yet
  std::size_t alive_ = 0;   // created, and not ended yet
  ThreadSet ready_;
  ThreadSet most_urgent_;             // of ready_, when it was last asked for
  Thread* first_settling_ = nullptr;  // and so on by Thread::settles_next
  Thread* last_settling_ = nullptr;
  VirtualTime clock_;

  static constexpr std::int64_t kQuiet = 1'000'000;
  std::int64_t quiet_left_ = kQuiet;
  std::vector<std::uint32_t> path_;
  std::int64_t steps_ = 0;
  std::int64_t step_budget_ = 0;
  // From then on the threads take turns, whatever the strategy: two that wait in loops and give way
  // to each other for ever, while the third could end it, are no livelock but an unfair schedule.
  std::int64_t fair_after_ = 0;
  int preemptions_ = 0;
  std::uint32_t stepped_ = 0;  // the thread that made the last visible step
  bool gave_way_ = false;      // and it waits in a loop
  Result result_;
  bool running_ = false;
  bool left_ = false;
  std::uintptr_t os_thread_ = 0;

  const std::function<void()>* errand_ = nullptr;
  const std::function<void()>* question_ = nullptr;
};

// The one simulation of this process.
extern Scheduler scheduler;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SCHEDULER_H_
