// Lab 43: store buffer
//
// Can both threads read 0?
//
//   left:   x.store(1);  a = y.load();
//   right:  y.store(1);  b = x.load();
//
// Whoever comes first has stored before the other loads, so at least one of them reads a 1. That is
// true as long as there is one memory, and each step is over before the next begins: sequential
// consistency (Lamport 1979), which all labs so far have taken for granted. C++ promises it to
// programs that do not race and use nothing weaker than memory_order_seq_cst ([atomics.order]/4 and
// the note at its end). With memory_order_relaxed both may read 0: a load may take the value of any
// store that coherence leaves open, not only of the last ([intro.races]/14).
//
// It is no theory. A core does not wait until its store has come to memory, which takes a hundred
// times as long as an addition. It lays the store into a buffer and goes on with the load:
//
//   left   x = 1 -> [buffer] ->                    a = y: still 0
//                               memory  x 0  y 0
//   right  y = 1 -> [buffer] ->                    b = x: still 0
//
// That is all that an x86 allows itself beyond sequential consistency (Sewell et al. 2010). A
// seq_cst store waits there until the buffer is empty, and that is what it costs.
//
// Run it:     bazel run //labs:43_store_buffer
//
// Notice:     One program, three memories. Which of its values a load takes is a choice of the
//             schedule, as is who goes next: the 1 at the end of a --schedule is no thread, it says
//             "not the newest value, the one before".
//
//             Release and acquire do not help. They order what stands before the store for whoever
//             reads it ([atomics.order]/2); here the load stands behind it.
//
//             seq_cst on all four, or a seq_cst fence between the two on either side
//             ([atomics.order]/4.4) does help: of all such operations there is one order, and in it
//             one of the two stores, or fences, is the first.
//
// Try:        --real --scenario=rounds: how often on your machine, in a million rounds?
//             --scenario=relaxed --memory=tso --explain
//             Put the fence into one thread only. Is that enough?
//
// Next:       44_publication
#include <atomic>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::MemoryMode;

namespace {

std::atomic<int> x, y;
int seen_by_left, seen_by_right;

std::string Both(void (*left)(), void (*right)()) {
  x = 0;
  y = 0;
  std::thread one([left] { interleave::SetThreadName("left"), left(); });
  std::thread two([right] { interleave::SetThreadName("right"), right(); });
  one.join();
  two.join();
  return "left " + std::to_string(seen_by_left) + ", right " + std::to_string(seen_by_right);
}

template <std::memory_order kStore, std::memory_order kLoad>
void Left() {
  x.store(1, kStore);
  seen_by_left = y.load(kLoad);
}

template <std::memory_order kStore, std::memory_order kLoad>
void Right() {
  y.store(1, kStore);
  seen_by_right = x.load(kLoad);
}

void FencedLeft() {
  x.store(1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  seen_by_left = y.load(std::memory_order_relaxed);
}

void FencedRight() {
  y.store(1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  seen_by_right = x.load(std::memory_order_relaxed);
}

std::string Relaxed() {
  constexpr auto relaxed = std::memory_order_relaxed;
  return Both(Left<relaxed, relaxed>, Right<relaxed, relaxed>);
}

std::string ReleaseAcquire() {
  constexpr auto release = std::memory_order_release, acquire = std::memory_order_acquire;
  return Both(Left<release, acquire>, Right<release, acquire>);
}

std::string SeqCst() {
  constexpr auto seq_cst = std::memory_order_seq_cst;
  return Both(Left<seq_cst, seq_cst>, Right<seq_cst, seq_cst>);
}

std::string Fenced() { return Both(FencedLeft, FencedRight); }

// Two threads that meet again and again. A thread's start would take longer than all of its life.
std::string Rounds() {
  const int rounds = interleave::InSimulation() ? 10 : 1'000'000;
  int both = 0;
  std::atomic<int> begun{0}, ended{0};
  std::thread right([&] {
    for (int round = 1; round <= rounds; ++round) {
      while (begun.load() < round) std::this_thread::yield();
      Right<std::memory_order_relaxed, std::memory_order_relaxed>();
      ended.store(round);
    }
  });
  for (int round = 1; round <= rounds; ++round) {
    x = 0;
    y = 0;
    begun.store(round);
    Left<std::memory_order_relaxed, std::memory_order_relaxed>();
    while (ended.load() < round) std::this_thread::yield();
    both += seen_by_left + seen_by_right == 0;
  }
  right.join();
  interleave::Print("both read 0 in " + std::to_string(both) + " of " + std::to_string(rounds) +
                    " rounds");
  return "counted";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("43_store_buffer", "Store buffer: can both threads read 0?");
  const std::string none = "left 0, right 0";
  const std::vector<std::string> some = {"left 0, right 1", "left 1, right 0", "left 1, right 1"};
  lab.Scenario("one_memory", Relaxed)
      .Says("each stores a 1, then looks for the other's; every load reads the newest value")
      .Outcomes(some)
      .ShowsCensus();
  lab.Scenario("relaxed", Relaxed)
      .Memory(MemoryMode::kCpp)
      .Says("the same program, with the values that C++ allows")
      .Outcome(none, "both read 0: neither saw that the other had been there first.")
      .Outcomes(some)
      .ShowsOutcome(none)
      .ShowsSteps()
      .ShowsCensus();
  lab.Scenario("x86", Relaxed)
      .Memory(MemoryMode::kTso)
      .Says("the same program on an x86")
      .Outcome(none, "both read 0: each 1 was still on its way.")
      .Outcomes(some)
      .ShowsOutcome(none)
      .ShowsSteps()
      .ShowsCensus();
  lab.Scenario("release_acquire", ReleaseAcquire)
      .Memory(MemoryMode::kCpp)
      .Says("stores that release, loads that acquire")
      .Outcome(none)
      .Outcomes(some)
      .ShowsCensus();
  lab.Scenario("seq_cst", SeqCst)
      .Memory(MemoryMode::kCpp)
      .Says("memory_order_seq_cst, which is what x = 1 means")
      .Outcomes(some)
      .ShowsCensus();
  lab.Scenario("fenced", Fenced)
      .Memory(MemoryMode::kCpp)
      .Says("relaxed, with a seq_cst fence between store and load")
      .Outcomes(some)
      .ShowsCensus();
  lab.Scenario("rounds", Rounds)
      .OnlyByName()
      .Says("the relaxed program a million times in a row, for --real")
      .Outcome("counted")
      .Takes(std::chrono::seconds(60));
  lab.Notice(
      "A real run says how often something happened, never that it cannot happen. The last "
      "census says that.");
  lab.Try("--real --scenario=rounds; --scenario=relaxed --memory=tso --explain.");
  lab.Next("44_publication");
  return lab.Main(argc, argv);
}
