#include "runtime/engine/scheduler.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "runtime/engine/boundary.h"
#include "runtime/engine/descriptor_waits.h"
#include "runtime/engine/inside.h"
#include "runtime/engine/lock_order.h"
#include "runtime/engine/memory_model.h"
#include "runtime/engine/recorder.h"
#include "runtime/engine/signals.h"
#include "runtime/engine/step_trace.h"

namespace interleave::engine {
namespace {

// How long a thread spins that gives way and finds nobody to give way to.
constexpr Time kShortestPause = 1000;
constexpr Time kLongestPause = 1'000'000'000;

// So many steps at least are the strategy's. Smaller budgets are those of a scenario that knows
// what its livelock looks like.
constexpr std::int64_t kLeastFree = 5'000;

// The steps of one switch are functions for the reader's sake. As calls they would cost half of it:
// each saves and restores the registers that the switch saves anyway.
#define INTERLEAVE_HOT [[gnu::always_inline]] inline

}  // namespace

Scheduler scheduler;

INTERLEAVE_HOT Thread* Scheduler::PickNext() {
  for (;;) {
    if (Thread* thread = first_settling_) {
      first_settling_ = thread->settles_next;
      return thread;
    }
    if (!ready_.Empty()) {
      const ThreadSet& able = by_priority ? MostUrgent() : ready_;
      std::uint32_t next;
      const auto choice = static_cast<std::uint32_t>(path_.size());
      bool forced = true;
      if (able.Size() == 1) {
        next = able.First();
      } else if (steps_ > fair_after_ && !by_priority) {
        next = able.After(stepped_);
      } else {
        forced = false;
        bool preempts =
            able.Contains(stepped_) && threads_[stepped_]->next.kind != StepKind::kYield;
        next = strategy_->Choose({able.Size(), &able, stepped_, preempts, gave_way_, steps_});
        path_.push_back(next);
        preemptions_ += preempts && next != stepped_;
      }
      stepped_ = next;
      gave_way_ = false;
      CountSteps(1);  // before it is taken from the ready ones: a livelock's report asks who is
      ready_.Remove(next);
      Thread* thread = threads_[next].get();
      ++thread->steps;
      if (step_trace.on) step_trace.Step(*thread, forced ? TraceEvent::kForced : choice);
      return thread;
    }
    if (!PassTime()) End(Ending::kDeadlock, "deadlock");
  }
}

INTERLEAVE_HOT void Scheduler::Reschedule() {
  Thread* me = current_;
  Thread* next = PickNext();
  if (next != me) Resume(*next);
}

INTERLEAVE_HOT void Scheduler::Resume(Thread& next) {
  ++turn_;
  current_ = &next;
  Leave(next.fiber);
}

void Scheduler::Touches(const void* object, bool write) {
  if (step_trace.on)
    step_trace.Touch(*current_, object, 1, write ? StepKind::kWrite : StepKind::kRead);
}

void Scheduler::Touches(const void* object, StepKind kind) {
  if (step_trace.on) step_trace.Touch(*current_, object, 1, kind);
}

// REQUIRES: current_ is the thread whose fiber `to` is, or `to` is the root.
INTERLEAVE_HOT void Scheduler::Leave(Fiber& to) {
  Fiber& me = *Fiber::Running();
  Fiber::Switch(me, to, layout_);
  while (question_ != nullptr) {
    (*question_)();
    Fiber::Switch(me, root_, layout_);
  }
}

INTERLEAVE_HOT void Scheduler::Stop(Thread& me, const Operation& next) {
  if (recorder.on) recorder.Stops(me);
  me.next = next;
  me.expired = false;
  scheduler.quiet_left_ = kQuiet;
  me.looks_at_clock = 0;
}

// It is the thread's turn. Whatever is no access to memory lets the others see its own first.
INTERLEAVE_HOT void LeaveMemory(Thread& me) {
  if (memory_model != nullptr && !AccessesMemory(me.next.kind)) [[unlikely]]
    memory_model->LeavesMemory(me);
}

// These two stop nearly all threads, so all that they call is made part of them: each return behind
// a switch of stacks goes where the processor does not expect it, and costs as much as the switch.
[[gnu::flatten]] void Scheduler::Visible(StepKind kind, const void* object, std::uintptr_t place,
                                         std::uint32_t size) {
  TakeSignals();  // before the step, so that it is still the thread's next one afterwards
  Changed();
  NotAloneForEver(place);
  StandBefore(kind, object, place, true, size);
}

[[gnu::flatten]] void Scheduler::Look(StepKind kind, const void* object, std::uintptr_t place,
                                      std::uint32_t size) {
  TakeSignals();
  NotAloneForEver(place);
  Thread& me = *current_;
  if (!Repeats(me, object, place)) {
    StandBefore(kind, object, place, true, size);
    return;
  }
  Stop(me, {kind, object, place, size});
  if (step_trace.on && object != nullptr) step_trace.Touch(me, object, size, kind);
  CountSteps(1);
  LeaveMemory(me);
  if (recorder.on) recorder.Goes(me);
}

void Scheduler::StandBefore(StepKind kind, const void* object, std::uintptr_t place, bool possible,
                            std::uint32_t size, Time deadline) {
  Thread& me = *current_;
  Stop(me, {kind, object, place, size});
  if (step_trace.on) step_trace.Stands(me);
  if (possible) ready_.Add(me.number);
  if (deadline != kNever) {  // also where it is possible now: somebody may come first
    me.settles_at_deadline = false;
    clock_.Arm(me, deadline);
  }
  if (recorder.on && !possible) recorder.Blocks(me);
  Reschedule();
  if (me.timer != 0) clock_.Disarm(me);
  LeaveMemory(me);
  if (recorder.on) recorder.Goes(me);
}

// Gives way: it is not asked for until somebody else has made a step. Where nobody can, time
// passes.
void Scheduler::GiveWay(std::uintptr_t place) {
  Thread& me = *current_;
  Stop(me, {StepKind::kYield, nullptr, place, 0});
  bool others = !ready_.Empty() || first_settling_ != nullptr ||
                (!descriptor_waits.Empty() && descriptor_waits.Refresh()) || WakeSleepers();
  if (others) {
    gave_way_ = stepped_ == me.number;
    Thread* next = PickNext();
    ready_.Add(me.number);
    Resume(*next);
  } else {
    // Longer each time, so that a loop over the clock comes to its end.
    bool again = me.pause_turn == turn_ && me.pause > 0;
    me.pause = again ? std::min(2 * me.pause, kLongestPause) : kShortestPause;
    me.pause_turn = turn_;
    clock_.Pass(me.pause);
    if (step_trace.on) step_trace.Jump();
    CountSteps(1);
  }
  if (recorder.on) recorder.Goes(me);
}

bool Scheduler::Wait(StepKind kind, const void* object, std::uintptr_t place, Time deadline,
                     bool settles) {
  Thread& me = *current_;
  Stop(me, {kind, object, place, 0});
  me.woken = false;
  me.settles_at_deadline = settles;
  if (deadline != kNever) clock_.Arm(me, deadline);
  if (recorder.on) recorder.Blocks(me);
  Reschedule();
  LeaveMemory(me);
  if (recorder.on) recorder.Goes(me);
  return me.woken;
}

void Scheduler::WakeReady(Thread& thread) {
  lock_order.Orders(*current_, thread);
  thread.woken = true;
  thread.released_by = current_->number;
  thread.expired = false;
  clock_.Disarm(thread);
  ready_.Add(thread.number);
  if (step_trace.on) {
    step_trace.Stands(thread);
    step_trace.Wakes(thread);
  }
}

void Scheduler::WakeSettle(Thread& thread) {
  lock_order.Orders(*current_, thread);
  thread.woken = true;
  thread.released_by = current_->number;
  clock_.Disarm(thread);
  ready_.Remove(thread.number);  // its time may have run out just now
  Settle(thread);
  if (step_trace.on) step_trace.Wakes(thread);
}

std::uint32_t Scheduler::Choose(std::uint32_t options) {
  if (options < 2) return 0;
  std::uint32_t answer = strategy_->Choose({options, nullptr, stepped_, false});
  path_.push_back(answer);
  return answer;
}

void Scheduler::AddThread() { threads_.push_back(std::make_unique<Thread>()); }

Thread& Scheduler::Allocate() {
  if (thread_count_ == threads_.size()) [[unlikely]]
    AddThread();
  Thread& thread = *threads_[thread_count_];
  thread.Reset(static_cast<std::uint32_t>(thread_count_));
  ++thread_count_;
  ++alive_;
  return thread;
}

Thread& Scheduler::NewThread() {
  if (memory_model != nullptr) {
    if (others_ == 0) memory_model->ForgetAll();
    if (memory_model->HoldsBack(*current_)) Visible(StepKind::kFence, &kSeqCstOrder, 0);
  }
  Thread& thread = Allocate();
  ++others_;
  thread.fiber.Prepare(&Scheduler::ThreadEntry, layout_);
  Settle(thread);
  Touches(&kThreadNumbers);
  if (step_trace.on) step_trace.Wakes(thread);
  return thread;
}

void Scheduler::Joined(const Thread& thread) {
  --others_;
  if (memory_model != nullptr && others_ == 0) memory_model->LeavesMemory(*current_);
  if (step_trace.on) step_trace.Knows(*current_, thread);
}

void Scheduler::EndThread() {
  Thread& me = *current_;
  if (memory_model != nullptr && memory_model->HoldsBack(me)) Visible(StepKind::kEnd, nullptr, 0);
  me.ended = true;
  me.next = {StepKind::kEnd, nullptr, 0, 0};
  quiet_left_ = kQuiet;
  if (recorder.on) recorder.Ends(me);
  Touches(&me);  // who looks whether it has ended
  if (me.joiner != nullptr) WakeSettle(*me.joiner);
  // Thread 0 has left, or it could not be the last one; then the process ends with the last one.
  if (--alive_ == 0) End(Ending::kExit, "exit status 0 after pthread_exit in MainThread");
  Reschedule();
  __builtin_unreachable();
}

void Scheduler::End(Ending ending, std::string outcome, std::string detail) {
  result_.outcome = std::move(outcome);
  result_.detail = std::move(detail);
  Finish(ending);
}

void Scheduler::Finish(Ending ending) {
  result_.ending = ending;
  if (recorder.on) recorder.RunEnds(*current_);
  if (step_trace.on && ending != Ending::kDeadlock) step_trace.Ends(*current_);
  for (;;) Leave(root_);
}

// An exception that nobody catches finds no handler here and no stack behind it, so it becomes
// std::terminate, as it would under a real thread, with the stack of the throw still there to look
// at.
void Scheduler::ThreadEntry(Fiber&) {
  Thread& me = *scheduler.current_;
  me.started = true;
  if (recorder.on) recorder.Starts(me);
  {
    simulating.store(ThisOsThread(), std::memory_order_relaxed);
    me.result = RunThread(me.start);
    FinishThread();
    simulating.store(0, std::memory_order_relaxed);
  }
  if (scheduler.HasLeft()) std::exit(0);  // a child process, and this was its only thread
  scheduler.EndThread();
}

// Flat: the linker may keep the instrumented copies of the string's functions.
[[gnu::flatten]] void Scheduler::MainEntry(Fiber&) {
  scheduler.Current().started = true;
  if (recorder.on) recorder.Starts(scheduler.Current());
  simulating.store(ThisOsThread(), std::memory_order_relaxed);
  scheduler.result_.outcome = (*scheduler.body_)();
  RunThreadExitFunctions();
  simulating.store(0, std::memory_order_relaxed);
  if (scheduler.HasLeft()) std::exit(0);  // a child process
  Thread& me = scheduler.Current();
  // What the others would still have done is a matter of the schedule, too.
  if (scheduler.others_ > 0) scheduler.Visible(StepKind::kEnd, nullptr, 0);
  me.ended = true;
  if (recorder.on) recorder.Ends(me);
  scheduler.Finish(Ending::kReturned);
}

void Scheduler::Begin() {
  os_thread_ = ThisOsThread();
  cut_spins_ = false;
  layout_.Find();
  root_.Adopt(layout_);
}

void Scheduler::Run(const Body& body, Strategy& strategy, Time start, std::int64_t step_budget) {
  body_ = &body;
  strategy_ = &strategy;
  thread_count_ = 0;
  others_ = 0;
  alive_ = 0;
  ready_.Clear();
  first_settling_ = nullptr;
  clock_.Reset(start);
  path_.clear();
  steps_ = 0;
  step_budget_ = step_budget;
  fair_after_ = std::max(step_budget / 2, kLeastFree);
  preemptions_ = 0;
  stepped_ = 0;
  gave_way_ = false;
  quiet_left_ = kQuiet;
  result_.detail.clear();
  Thread& main = Allocate();
  main.fiber.Prepare(&Scheduler::MainEntry, layout_);
  current_ = &main;
  running_ = true;
  Fiber::Switch(root_, main.fiber, layout_);
  while (errand_ != nullptr) {
    const std::function<void()>& errand = *errand_;
    errand_ = nullptr;
    errand();
    Fiber::Switch(root_, current_->fiber, layout_);
  }
  running_ = false;
}

void Scheduler::Show(std::uint32_t number, const ThreadGlance& glance) {
  while (thread_count_ <= number) Allocate();
  Thread& thread = *threads_[number];
  thread.steps = glance.steps;
  thread.ended = glance.ended;
  thread.next = glance.next;
}

void Scheduler::TakeOver(Told told) {
  result_ = std::move(told.result);
  path_ = std::move(told.path);
  steps_ = told.steps;
  preemptions_ = told.preemptions;
  cut_spins_ |= told.cut_spins;
}

bool Scheduler::IsThisOsThread() const { return os_thread_ == ThisOsThread(); }

void Scheduler::OnRootStack(const std::function<void()>& errand) {
  errand_ = &errand;
  Leave(root_);
}

void Scheduler::Ask(Thread& thread, const std::function<void()>& question) {
  question_ = &question;
  Fiber::Switch(root_, thread.fiber, layout_);
  question_ = nullptr;
}

}  // namespace interleave::engine
