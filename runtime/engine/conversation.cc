#include "runtime/engine/conversation.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "runtime/engine/step_trace.h"

namespace interleave::engine {
namespace {

constexpr std::uint64_t kUnknown = UINT64_MAX;  // steps of a thread that was not shown yet

enum Word : std::uint64_t { kChooseThread, kChooseData, kOver };

// A set of threads is its words, after their number.
void Put(Tape& tape, const ThreadSet& threads) {
  tape.Put(threads.Words().size());
  for (std::uint64_t word : threads.Words()) tape.Put(word);
}

ThreadSet GetThreads(Tape& tape) {
  std::vector<std::uint64_t> words(tape.Get());
  for (std::uint64_t& word : words) word = tape.Get();
  return ThreadSet(std::move(words));
}

// What the child's strategy could see of the threads.
void GetThreadGlances(Tape& tape) {
  for (std::uint64_t left = tape.Get(); left > 0; --left) {
    auto thread = static_cast<std::uint32_t>(tape.Get());
    ThreadGlance glance;
    glance.steps = tape.Get();
    glance.ended = tape.Get() != 0;
    glance.next.kind = static_cast<StepKind>(tape.Get());
    glance.next.object = reinterpret_cast<const void*>(tape.Get());
    glance.next.place = tape.Get();
    glance.next.size = static_cast<std::uint32_t>(tape.Get());
    scheduler.Show(thread, glance);
  }
  scheduler.ShowCurrent(static_cast<std::uint32_t>(tape.Get()));
}

void GetSteps(Tape& tape) {
  for (std::uint64_t left = tape.Get(); left > 0; --left) {
    TraceEvent event{static_cast<TraceEvent::Kind>(tape.Get())};
    event.operation = static_cast<StepKind>(tape.Get());
    event.thread = static_cast<std::uint32_t>(tape.Get());
    event.other = static_cast<std::uint32_t>(tape.Get());
    event.size = static_cast<std::uint32_t>(tape.Get());
    event.object = tape.Get();
    step_trace.Add(event);
  }
}

}  // namespace

void RecordingStrategy::PutSteps() {
  const std::vector<TraceEvent>& events = step_trace.Events();
  tape_.Put(events.size() - told_);
  for (; told_ < events.size(); ++told_) {
    const TraceEvent& event = events[told_];
    tape_.Put(static_cast<std::uint64_t>(event.kind));
    tape_.Put(static_cast<std::uint64_t>(event.operation));
    tape_.Put(event.thread);
    tape_.Put(event.other);
    tape_.Put(event.size);
    tape_.Put(event.object);
  }
}

void RecordingStrategy::PutThreads() {
  last_.resize(std::max(last_.size(), scheduler.ThreadCount()), {kUnknown, false, {}});
  std::vector<std::uint32_t> changed;
  for (std::uint32_t t = 0; t < scheduler.ThreadCount(); ++t) {
    ThreadGlance now = scheduler.At(t).Glance();
    if (now != std::exchange(last_[t], now)) changed.push_back(t);
  }
  tape_.Put(changed.size());
  for (std::uint32_t t : changed) {
    const ThreadGlance& glance = last_[t];
    tape_.Put(t);
    tape_.Put(glance.steps);
    tape_.Put(glance.ended);
    tape_.Put(static_cast<std::uint64_t>(glance.next.kind));
    tape_.Put(reinterpret_cast<std::uintptr_t>(glance.next.object));
    tape_.Put(glance.next.place);
    tape_.Put(glance.next.size);
  }
  tape_.Put(scheduler.Current().number);
}

std::uint32_t RecordingStrategy::Choose(const Choice& choice) {
  std::uint32_t answer = real_.Choose(choice);
  if (choice.threads != nullptr) {
    tape_.Put(kChooseThread);
    Put(tape_, *choice.threads);
  } else {
    tape_.Put(kChooseData);
    tape_.Put(choice.options);
  }
  tape_.Put(choice.running);
  tape_.Put(choice.preempts);
  tape_.Put(choice.gave_way);
  tape_.Put(static_cast<std::uint64_t>(choice.step));
  PutThreads();
  PutSteps();
  tape_.Put(answer);
  tape_.Publish();
  return answer;
}

void RecordingStrategy::Close() {
  tape_.Put(kOver);
  PutThreads();
  PutSteps();
  tape_.Publish();
}

bool HoldAgain(Tape& tape, Strategy& strategy, std::vector<std::uint32_t>& path) {
  scheduler.ShowNone();
  step_trace.Clear();
  while (!tape.AtEnd()) {
    std::uint64_t kind = tape.Get();
    if (kind == kOver) {
      GetThreadGlances(tape);
      GetSteps(tape);
      return true;
    }
    ThreadSet threads;
    Choice choice{};
    if (kind == kChooseThread) {
      threads = GetThreads(tape);
      choice.threads = &threads;
      choice.options = threads.Size();
    } else {
      choice.options = static_cast<std::uint32_t>(tape.Get());
    }
    choice.running = static_cast<std::uint32_t>(tape.Get());
    choice.preempts = tape.Get() != 0;
    choice.gave_way = tape.Get() != 0;
    choice.step = static_cast<std::int64_t>(tape.Get());
    GetThreadGlances(tape);
    GetSteps(tape);
    auto answer = static_cast<std::uint32_t>(tape.Get());
    path.push_back(answer);
    if (strategy.Choose(choice) != answer) {
      throw std::logic_error("choice " + std::to_string(path.size()) + " of a forked run was " +
                             std::to_string(answer) +
                             ", and the same strategy decides otherwise when it is asked again");
    }
  }
  step_trace.Add({TraceEvent::Kind::kEnds});
  return false;
}

}  // namespace interleave::engine
