#include "runtime/engine/run_so_far.h"

#include <utility>

#include "runtime/engine/answer_words.h"
#include "runtime/engine/names.h"
#include "runtime/engine/recorder.h"
#include "runtime/engine/report.h"
#include "runtime/engine/schedule.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/simulate.h"
#include "runtime/engine/strategy.h"

namespace interleave {

using namespace engine;

namespace engine {
AnswerWords answer_words;
}

namespace {

// The question is the end of the run.
class Stops : public engine::Strategy {
 public:
  explicit Stops(RunSoFar& run) : run_(run) {}

  bool Begin() override {
    run_.over = true;
    run_.answers.clear();
    return true;
  }

  std::uint32_t Choose(const Choice& choice) override {
    run_.over = false;
    run_.of_threads = choice.threads != nullptr;
    run_.running = static_cast<int>(choice.running);
    for (std::uint32_t n = 0; n < choice.options; ++n) run_.answers.push_back(choice.Answer(n));
    scheduler.End(Ending::kReturned, "");
  }

 private:
  RunSoFar& run_;
};

ThreadSoFar Look(Thread& thread, bool in_its_step) {
  ThreadSoFar so_far;
  so_far.ended = thread.ended;
  Step& next = so_far.next;
  next.thread = static_cast<int>(thread.number);
  next.kind = thread.next.kind;
  if (thread.ended || !thread.started) return so_far;
  const std::vector<Frame> stack = StackOf(thread);
  next.time = std::chrono::nanoseconds(scheduler.Clock().Now());
  next.place = names.LineOf(stack);
  // Who gave way waits for nobody.
  next.blocked = !in_its_step && next.kind != StepKind::kYield && !scheduler.IsReady(thread);
  next.timed_out = thread.expired;
  if (thread.timer != 0) next.until = std::chrono::nanoseconds(thread.deadline);
  next.object = next.kind == StepKind::kOutput
                    ? recorder.WillWrite(thread)
                    : names.OfObject(thread.next, stack, thread.last_atomic_read);
  if (thread.next.size != 0 && (next.kind == StepKind::kRead || next.kind == StepKind::kAtomicRead))
    next.value = ValueAt(thread.next.object, thread.next.size);
  so_far.holds = Holds(thread);
  if (next.blocked && next.kind != StepKind::kJoin) {
    if (const Thread* holder = WaitsForThread(thread)) next.by = static_cast<int>(holder->number);
  }
  return so_far;
}

}  // namespace

RunSoFar RunAsFarAs(const Body& body, const SimulateOptions& options, bool to_the_end) {
  RunSoFar run;
  SimulateOptions traced = options;
  traced.trace = true;
  const Schedule schedule = ParseSchedule(options.schedule);
  answer_words.on = true;
  run.report = SimulateBy(
      body, traced, schedule,
      [&] {
        answer_words.Take();
        if (!to_the_end) return MakeAfter(schedule.choices, std::make_unique<Stops>(run));
        run.over = true;
        return MakeAfter(schedule.choices, MakeDelays(0));
      },
      [&] {
        if (run.over) return;
        for (std::size_t t = 0; t < scheduler.ThreadCount(); ++t) {
          Thread& thread = scheduler.At(t);
          const bool in_its_step = !run.of_threads && &thread == &scheduler.Current();
          run.threads.push_back(Look(thread, in_its_step));
        }
      });
  answer_words.on = false;
  if (!run.over) {
    run.report.still_running.clear();
    run.of_a_step = !run.of_threads && answer_words.OfAStep();
    if (!run.of_threads) run.words = answer_words.Take();
  }
  return run;
}

}  // namespace interleave
