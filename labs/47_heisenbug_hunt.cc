// Lab 47: heisenbug hunt
//
// A bug that vanishes when you look: how do you find it?
//
// A journal (47_heisenbug_hunt_journal.h, .cc) keeps what a shop sells. Once in a while an order is
// missing. All that threads share is under a lock, so there is no data race, and no tool that looks
// for races has anything to say. Whoever adds a log to see what happens sees it happen no more.
//
//   1. plain     Run it often. It fails in few runs of a thousand, and each time elsewhere.
//   2. logged    Add a log. The line takes its time at just the wrong place: the bug is gone. It is
//                not cured, it waits for the day on which somebody removes the log.
//   3. found     Do not wait for luck: go through the schedules. The program is as it was, without
//                a log, for here it is the scheduler that watches.
//   4.           Keep it. The schedule that is printed makes it fail each time, as often as you
//                look. It belongs to this program: to the logged one it does not fit.
//   5.           Make it small. Of all schedules to this end the census shows the one with the
//                fewest preemptions, then the shortest. The table is that one, step by step.
//   6. fixed     Cure it, and go through all schedules again. The cure that comes to mind first
//                fails as well, elsewhere. That none is left is more than a thousand runs can say.
//
// Run it:     bazel run //labs:47_heisenbug_hunt
//
// Notice:     In the table of found the cause is four steps. The writer locks pending_mutex_ twice
//             in a row: it looks whether the journal is closed, and takes what is pending, order 1.
//             Then ben locks it: order 2 is pending. He notifies work: there is something to do.
//             Then the writer notifies work: there is nothing to do. It means order 1, and takes
//             back what ben said of order 2.
//
//             logged holds ben between the second of these steps and the third, and meanwhile the
//             writer comes through with the fourth. In log_in_writer the line stands between the
//             first and the fourth, and it fails more often than ever. What a log shows depends on
//             where it stands, because it takes part.
//
//             That logged never fails is so in a simulation: there a millisecond is enough for
//             whoever can run. On a machine the writer may be held up for longer.
//
//             first_cure fails in Close: between the writer's Clear and its look at closed. Of
//             10,000 real runs it lost orders in 14, and plain in one.
//
// Try:        --explore=preempt:0, then preempt:1: how many switches at a bad moment does it take?
//             --scenario=logged --schedule=... with the schedule of found: what does it say?
//             --scenario=logged --explore=distinct: is there any schedule in which it fails?
//             --real --repeat=10000, and the same with --scenario=log_in_writer.
//
// Next:       48_crawler
#include <string>
#include <thread>

#include "labs/47_heisenbug_hunt_journal.h"
#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

namespace {

bool ClearAfterWriting(Journal& journal) {
  journal.work.WaitUntilSet();
  if (journal.IsClosed()) return false;
  journal.Write(journal.TakePending());
  journal.work.Clear();
  return true;
}

bool ClearAtOnce(Journal& journal) {
  journal.work.WaitUntilSet();
  journal.work.Clear();
  if (journal.IsClosed()) return false;
  journal.Write(journal.TakePending());
  return true;
}

bool ClearBeforeTaking(Journal& journal) {
  journal.work.WaitUntilSet();
  if (journal.IsClosed()) return false;
  journal.work.Clear();
  journal.Write(journal.TakePending());
  return true;
}

void Sell(Journal& journal, const char* clerk, const char* order) {
  interleave::SetThreadName(clerk);
  journal.Append(order);
}

std::string Shop(Journal::Round round, Traced traced = Traced::kNothing) {
  SetTraced(traced);
  Journal journal(round);
  std::thread anna([&] { Sell(journal, "anna", "order 1"); });
  std::thread ben([&] { Sell(journal, "ben", "order 2"); });
  anna.join();
  ben.join();
  return std::to_string(journal.Close()) + " of 2 orders written";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("47_heisenbug_hunt",
                      "Heisenbug hunt: how do you find a bug that vanishes when you look?");
  const std::string none = "0 of 2 orders written", one = "1 of 2 orders written",
                    both = "2 of 2 orders written";
  lab.Scenario("plain", [] { return Shop(ClearAfterWriting); })
      .Says("two clerks append an order each, the writer writes; run it a thousand times")
      .Outcome(both, "all is well, this time and nearly always.")
      .Outcome(one)
      .ShowsCensus("random:1000");
  lab.Scenario("logged", [] { return Shop(ClearAfterWriting, Traced::kAppend); })
      .Says("the same with a log of what is appended: the bug is gone")
      .Outcome(both)
      .Outcome(one, "on real threads: the writer was held up for longer than a line takes.")
      .ShowsCensus("random:1000");
  lab.Scenario("log_in_writer", [] { return Shop(ClearAfterWriting, Traced::kWrite); })
      .OnRequest()
      .Says("the same with a log of what is written")
      .Outcomes({both, one})
      .ShowsCensus("random:1000");
  lab.Scenario("found", [] { return Shop(ClearAfterWriting); })
      .Says("plain again, without a log; every schedule that differs, and the simplest that fails")
      .Outcome(both)
      .Outcome(one, "the writer took back what ben had said: his order is never written.")
      .ShowsOutcome(one)
      .ShowsSteps()
      .ShowsCensus("distinct");
  lab.Scenario("first_cure", [] { return Shop(ClearAtOnce); })
      .Says("the writer clears the flag at once, before it looks at anything")
      .Outcome(both)
      .Outcomes({one, none})
      .ShowsCensus("distinct");
  lab.Scenario("fixed", [] { return Shop(ClearBeforeTaking); })
      .Says("cure: it clears the flag between its look at closed and its look at pending")
      .Outcome(both)
      .ShowsCensus("distinct");
  lab.Notice(
      "A log takes part in what it shows. Let the scheduler watch instead: it finds the schedule, "
      "keeps it, makes it small, and says of a cure whether any is left.");
  lab.Try(
      "--explore=preempt:0, then preempt:1; --scenario=log_in_writer; --real --repeat=10000; the "
      "schedule of found with --scenario=logged.");
  lab.Next("48_crawler");
  return lab.Main(argc, argv);
}
