// Lab 14: barrier
//
// All or nobody goes on.
//
// Workers share a job in rounds: in each round every worker fills its own cell of a new row, and
// needs the whole row before. So nobody may begin a round until all have ended the last one. That
// is a std::barrier: it is told how many take part, and arrive_and_wait() holds everybody until
// the last one has arrived. Then it runs its completion step, once, on one of them and before
// anybody goes on, and is ready for the next round.
//
// What holds everybody until the last one comes holds them for ever if one never comes: it has
// returned early, or thrown. Whoever leaves must say so: arrive_and_drop() arrives and takes
// itself out of the number for all rounds to come.
//
// A std::latch is for one time: it counts down to zero, and then it is open for good. Who counts
// down need not wait, and who waits need not count down (14_barrier_latch.cc). Our own Barrier
// (runtime/threads/barrier.h) adds what a program may want in an emergency: Abort() sends everybody
// home with an exception.
//
// Run it:     bazel run //labs:14_barrier
//
// Notice:     A barrier makes everybody as slow as the slowest: in slowest worker-1 works for 2 s
//             and waits for 4 s.
//
//             Without it two threads never write the same cell, and still there is a data race: one
//             writes what the other reads. For real it goes wrong nearly always, since worker-1 is
//             through with both rounds before worker-2 has begun (--real --repeat=1000).
//
// Try:        --scenario=no_barrier with a schedule of the census: who read a cell too early?
//             Let worker-2 arrive_and_drop() in round 2, and then work on. What is row 2, always?
//             Give the barrier one worker more than there are. Which line does the report name?
//
// Next:       15_bounded_buffer
#include <barrier>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

std::string OpenShop();  // with a std::latch, in 14_barrier_latch.cc

namespace {

using interleave::Log;
using std::chrono::seconds;

constexpr int kRounds = 2;
int workers;  // how many take part
struct {
  int cell[3];  // a worker's number is its place
} row[kRounds + 1];
int round_now;

std::string RowText(int round) {
  std::string text = "row " + std::to_string(round) + ":";
  for (int i = 0; i < workers; ++i) text += " " + std::to_string(row[round].cell[i]);
  return text;
}

void RoundIsOver() noexcept { Log("ends the round, " + RowText(round_now++)); }  // completion step

std::optional<std::barrier<void (*)() noexcept>> round_end;  // new for each run

void FillCell(int me, int round) {
  int sum = 0;
  for (int i = 0; i < workers; ++i) sum += row[round - 1].cell[i];
  row[round].cell[me] = sum;
}

void NeverWaits(int me) {
  for (int round = 1; round <= kRounds; ++round) {
    FillCell(me, round);
  }
}

void WaitsForAll(int me) {
  for (int round = 1; round <= kRounds; ++round) {
    FillCell(me, round);
    round_end->arrive_and_wait();
  }
}

void WorksForLong(int me) {
  for (int round = 1; round <= kRounds; ++round) {
    interleave::Compute(seconds(me + 1));
    FillCell(me, round);
    round_end->arrive_and_wait();
  }
}

void StaysAway(int me) {
  for (int round = 1; round <= kRounds; ++round) {
    if (me == 1 && round == 2) return;
    FillCell(me, round);
    round_end->arrive_and_wait();
  }
}

void DropsOut(int me) {
  for (int round = 1; round <= kRounds; ++round) {
    if (me == 1 && round == 2) return round_end->arrive_and_drop();
    FillCell(me, round);
    round_end->arrive_and_wait();
  }
}

std::string Run(int how_many, void (*work)(int)) {
  workers = how_many;
  for (int i = 0; i < workers; ++i) row[0].cell[i] = 1, row[1].cell[i] = row[2].cell[i] = 0;
  round_now = 1;
  round_end.emplace(workers, RoundIsOver);
  std::vector<std::thread> threads;
  for (int me = 0; me < workers; ++me) {
    threads.emplace_back([=] {
      interleave::SetThreadName("worker-" + std::to_string(me + 1));
      work(me);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return RowText(kRounds);
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("14_barrier", "Barrier: all or nobody goes on");
  lab.Scenario("no_barrier", [] { return Run(2, NeverWaits); })
      .Says("two rounds: each worker's cell becomes the sum of the row before")
      .Outcome("row 2: 4 4", "This time everybody found the row before complete.")
      .Outcome("row 2: 4 2", "worker-2 added up a row 1 that worker-1 had not filled yet.")
      .Outcome("row 2: 2 4", "worker-1 added up a row 1 that worker-2 had not filled yet.")
      // Never in a simulation, for no order of the steps leads there. (Lab 43.)
      .Outcome("row 2: 2 2", "The processors held both writes back until both had read.")
      .ShowsOutcome("row 2: 2 4")
      .ShowsSteps()
      .ShowsCensus()
      .ShowsRaces();
  lab.Scenario("barrier", [] { return Run(2, WaitsForAll); })
      .Says("the same, with round_end->arrive_and_wait() after each round")
      .Outcome("row 2: 4 4")
      .ShowsCensus("delay:2");
  lab.Scenario("slowest", [] { return Run(3, WorksForLong); })
      .Says("three workers that compute for 1, 2 and 3 s in each round")
      .Outcome("row 2: 9 9 9", "All go at the pace of the slowest: 6 s for two rounds.")
      .Takes(seconds(6))
      .Cores(3)
      .ShowsTimeline();
  lab.Scenario("stays_away", [] { return Run(2, StaysAway); })
      .Says("worker-2 returns after round 1")
      .Outcome("deadlock", "worker-1 waits at the barrier for one who is not coming.")
      .ShowsOutcome("deadlock")
      .ShowsCensus("distinct");
  lab.Scenario("drops_out", [] { return Run(2, DropsOut); })
      .Says("the same, but it says so: round_end->arrive_and_drop()")
      .Outcome("row 2: 4 0", "worker-1 has filled its cell, and nobody waited for worker-2.")
      .ShowsCensus("delay:2");
  lab.Scenario("latch", OpenShop)
      .Says("main waits until both are loaded; they go on, and so does main")
      .Outcome("open")
      .Takes(seconds(4))
      .ShowsTimeline();
  lab.Notice(
      "The barrier is used again in each round, and nobody has to set it back. The completion "
      "step runs when all have arrived and before anybody goes on: there the row is complete.");
  lab.Notice(
      "A barrier counts arrivals, not threads. One arrival that never comes stops everybody, so "
      "whoever leaves has to say so on every way out.");
  lab.Try("--scenario=no_barrier --schedule=...: a row of the census; --real --repeat=1000.");
  lab.Next("15_bounded_buffer");
  return lab.Main(argc, argv);
}
