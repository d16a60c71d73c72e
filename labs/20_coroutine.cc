// Lab 20: coroutine
//
// What is a function that can wait?
//
// A function that sleeps keeps its thread. A coroutine gives it back: where it has to wait it is
// put aside, with its local variables and its place, and somebody else runs. Later it goes on right
// there. Any function that returns a Task and says co_await or co_return is one:
//
//   Task<int> Measure() {
//     int before = Level();
//     co_await SleepFor(1s);         // put aside for a second, `before` with it
//     co_return Level() - before;
//   }
//
// There is a price at the call. Measure() runs nothing: it makes the coroutine and gives it to you.
// It runs when it is awaited, or given to Run or Spawn. Forgetting that is the mistake of this lab.
//
// Run it:     bazel run //labs:20_coroutine
//
// Notice:     forgotten and awaited differ in one word, and forgotten compiles. The compiler warns
// of
//             a Task that is dropped ([[nodiscard]]), but not of one that was given a name; then
//             the report at run time is all there is. It names the coroutine, and with g++ its last
//             line.
//
//             In by_hand somebody else resumes the coroutine. It has four states, and to resume it
//             after its end is refused: the bare handle of the standard would not notice.
//
//             What cannot be awaited does not compile (S2.18): no `co_await` of sleep_for by
//             mistake.
//
// Try:        In Forgotten write  Water("fern");  instead. What does the compiler say?
//             co_await the same Task twice. When does it say so?
//             --scenario=S1.33: how deep may coroutines await each other?
//
// Next:       21_task
#include <chrono>
#include <string>

#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

// In 20_coroutine_by_hand.cc and 20_coroutine_articles.cc.
void AddByHand(interleave::Lab& lab);
void AddArticles(interleave::Lab& lab);

namespace {

using interleave::Log;
using interleave::Run;
using interleave::SleepFor;
using interleave::Task;
using namespace std::chrono_literals;

std::string dry;  // the plants that nobody has watered

Task<void> Water(std::string plant) {
  Log("the can is being filled");
  co_await SleepFor(1s);
  Log(plant + " is watered");
  dry.erase(dry.find(plant), plant.size());
}

Task<void> Forgotten() {
  Task<void> watering = Water("fern");
  Log("off to the holidays");
  co_return;
}

Task<void> Awaited() {
  Task<void> watering = Water("fern");
  co_await watering;
  Log("off to the holidays");
}

std::string Leave(Task<void> (*holiday)()) {
  dry = "fern";
  Run(holiday());
  return dry.empty() ? "all is watered" : dry + " is dry";
}

std::string LeaveForgotten() { return Leave(Forgotten); }
std::string LeaveAwaited() { return Leave(Awaited); }

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("20_coroutine", "Coroutine: what is a function that can wait?");
  lab.Scenario("forgotten", LeaveForgotten)
      .Says("the coroutine is called, and nobody awaits it")
      .Outcome("fern is dry", "Not a line of Water ran, and the fern is dry.");
  lab.Scenario("awaited", LeaveAwaited)
      .Says("the same with co_await")
      .Outcome("all is watered", "Now it runs, waits for a second in its middle, and ends.")
      .Takes(1s);
  AddByHand(lab);
  AddArticles(lab);
  lab.Notice(
      "To call a coroutine is to make it. It runs when it is awaited, and gives its thread back "
      "wherever it waits; what it knows stays in its frame.");
  lab.Try("--scenario=S1.05; --scenario=S1.33; co_await one Task twice.");
  lab.Next("21_task");
  return lab.Main(argc, argv);
}
