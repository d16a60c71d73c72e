// Lab 27: async queue
//
// A producer and eight consumers: who waits for whom, and when is everything done?
//
// A producer guesses book numbers (ISBNs), twenty a second. To look one up takes 0.3 to 0.5 s, most
// of it waiting, so one consumer keeps up with two or three a second. Eight of them, on one thread,
// keep up with twenty. Between them stands a queue: the producer puts a number in and goes on, and
// whichever consumer is free takes the oldest out. Neither side knows how many are on the other.
//
// The queue also counts. PutNow adds one to what is unfinished, TaskDone takes one off, and Join
// waits until nothing is left. Without Join nobody knows that the last numbers are still being
// looked up; without TaskDone, Join never ends.
//
// Run it:     bazel run //labs:27_async_queue
//
// Notice:     main_ends is the program without its Join. Nothing fails: the numbers in the queue
//             are gone with it. Run cancels the consumers that are still at work. (That it says so
//             is the lab's doing, which looks after its loops.)
//
//             After Join the queue is shut down, and so the consumers hear that nothing will come.
//
//             How long the queue gets (27_async_queue_sizes.cc) tells whether there are enough
//             consumers. Four fall behind by ten numbers a second, and need as long again to catch
//             up. Eight are just enough: the queue has a few numbers in it, and never many. Sixteen
//             are no faster than eight, since there is no more to do than what the producer
//             guesses.
//
// Try:        --scenario=S3.09: the article's program, with the books that it finds
//             kConsumers = {6, 7, 8} in 27_async_queue_sizes.cc: how many are really needed?
//             Let the catalogue answer in 0.1 s. How many consumers are enough now?
//
// Next:       28_backpressure
#include <chrono>
#include <optional>
#include <string>

#include "runtime/async/async_queue.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/async/timeout.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/future_errors.h"
#include "runtime/threads/queue_errors.h"

void AddSizes(interleave::Lab& lab);     // in 27_async_queue_sizes.cc
void AddArticles(interleave::Lab& lab);  // in 27_async_queue_articles.cc

namespace {

using interleave::AsyncQueue;
using interleave::Print;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using namespace std::chrono_literals;

// Outlives the loop: where Run has to cancel the consumers, they still hold it.
struct Library {
  Task<void> (*consume)(Library&);
  AsyncQueue<int> numbers{};
  int looked_up = 0;
};

// The catalogue takes 0.3 to 0.5 s for an answer.
Task<void> Ask(int number) { co_await SleepFor(300ms + 1ms * (number * number * 31 % 201)); }

Task<void> Produce(Library& library) {
  for (int number = 0; number < 20; ++number) {
    library.numbers.PutNow(number);
    co_await SleepFor(50ms);
  }
}

Task<void> Consume(Library& library) {
  try {
    for (;;) {
      co_await Ask(co_await library.numbers.Get());
      ++library.looked_up;
      library.numbers.TaskDone();
    }
  } catch (const interleave::Closed&) {  // no more numbers will come
  }
}

Task<void> ConsumeAndForget(Library& library) {
  for (;;) {
    co_await Ask(co_await library.numbers.Get());
    ++library.looked_up;
  }
}

void Start(Library& library) {
  for (int i = 1; i <= 8; ++i) {
    Spawn(library.consume(library), "consumer-" + std::to_string(i));
  }
}

Task<void> MainEnds(Library& library) {
  Start(library);
  co_await Produce(library);
}

Task<void> MainJoins(Library& library) {
  Start(library);
  co_await Produce(library);
  co_await library.numbers.Join();
  library.numbers.Shutdown();
}

std::string LookUp20(Task<void> (*main)(Library&), Task<void> (*consume)(Library&),
                     std::optional<std::chrono::minutes> limit = {}) {
  Library library{.consume = consume};
  try {
    Run(interleave::WaitFor(main(library), limit));
  } catch (const interleave::TimedOut&) {
    Print("after a minute Join still waits, for " + std::to_string(library.numbers.unfinished()));
  }
  const std::string result = std::to_string(library.looked_up) + " of 20 looked up";
  Print(result);
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("27_async_queue", "Async queue: a producer and eight consumers, who waits?");
  lab.Scenario("main_ends", [] { return LookUp20(MainEnds, Consume); })
      .Says("20 numbers for 8 consumers; main ends when the producer has: the rest is lost");
  lab.Scenario("main_joins", [] { return LookUp20(MainJoins, Consume); })
      .Id("S3.12")
      .PermutesTasks()
      .ShowsCensus("random:300")
      .Says("the same; main waits for the queue: Join")
      .Outcome("20 of 20 looked up")
      .Takes(2s);
  lab.Scenario("no_task_done", [] { return LookUp20(MainJoins, ConsumeAndForget, 1min); })
      .Says("the same; the consumers forget TaskDone")
      .Outcome("20 of 20 looked up", "all were looked up, and Join does not know.")
      .Takes(1min);
  AddSizes(lab);
  AddArticles(lab);
  lab.Notice(
      "The queue's length is the thermometer: growing means too few consumers, always empty means "
      "more than enough. Only Join knows when all is done, and only if every Get has its "
      "TaskDone.");
  lab.Try("--scenario=S3.09; --scenario=S3.11; kConsumers with a 7.");
  lab.Next("28_backpressure");
  return lab.Main(argc, argv);
}
