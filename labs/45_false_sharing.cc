// Lab 45: false sharing
//
// Two threads, two counters, nothing shared: why is it slow?
//
// The program shares nothing, the processor does. Between memory and a core go whole cache lines,
// 64 bytes on x86, and a core writes only into a line that no other core has (MESI: Papamarcos and
// Patel, ISCA 1984). Two counters side by side stand in one line. So whenever one core counts, the
// line must first come over from the other, and that takes as long as ten increments.
//
// In C++ nothing is wrong. The counters are two memory locations, which two threads may write to
// without interfering ([intro.memory]); accesses conflict only where they are to the same location
// ([intro.races]). All results are right, and no tool for races has anything to say.
//
// Run it:     bazel run //labs:45_false_sharing
//             bazel run //labs:45_false_sharing -- --real
//
// Notice:     Without --real a model counts (45_false_sharing_line.h). It takes the addresses that
//             the counters really have, and has two stated costs: 5 ns for an increment, 50 ns for
//             a line that comes from the other core. In it a line leaves after each increment.
//
//             With --real your machine counts, and the difference is smaller: a core gets several
//             increments done before the line is taken from it. On a busy machine, or on one core,
//             or on two hyperthreads of one core, which have one cache, there is next to none.
//
//             Padding has a price: 64 bytes for a counter of 8. A thousand of them are more than a
//             first-level cache holds. The third layout needs none: each thread counts in a
//             variable of its own, and adds it to the total once.
//
//             std::hardware_destructive_interference_size ([hardware.interference]) is the distance
//             that the compiler recommends. In a header gcc warns of it (-Winterference-size), for
//             -mtune may change it, and then two files disagree about a type's layout: write a
//             constant of your own there. Some keep 128 bytes apart, because Intel's prefetcher
//             fetches lines in pairs.
//
// Try:        --real, a few times: how far do the figures differ?
//             Put a long of padding between the two counters, then seven. Which helps, and why?
//             Write counter = counter + 1 with relaxed loads and stores, as only one thread writes.
//             How does --real change? (A store waits in the store buffer: lab 43.)
//             perf c2c record, perf c2c report: which lines travel in a program of yours?
//
// Next:       46_aba
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <new>
#include <string>

#include "labs/45_false_sharing_line.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

namespace {

using Counter = std::atomic<long>;

struct alignas(kLineSize) SideBySide {
  Counter one, two;
};

struct Apart {
  alignas(std::hardware_destructive_interference_size) Counter one;
  alignas(std::hardware_destructive_interference_size) Counter two;
};

void Count(Counter& counter, long times) {
  const bool modelled = interleave::InSimulation();
  for (long i = 0; i < times; ++i) {
    if (modelled) lines.Write(&counter);
    counter.fetch_add(1, std::memory_order_relaxed);
  }
}

template <typename Layout>
long CountIn(long times) {
  Layout counters{};
  RunOnTwoCores([&] { Count(counters.one, times); }, [&] { Count(counters.two, times); });
  return counters.one + counters.two;
}

long CountAlone(long times) {
  alignas(kLineSize) Counter total = 0;
  const auto count = [&] {
    Counter mine = 0;
    Count(mine, times);
    lines.Write(&total);
    total += mine;
  };
  RunOnTwoCores(count, count);
  return total;
}

struct Layout {
  const char* name;
  std::size_t bytes;  // for two counters
  long (*count)(long times);
};
const Layout kLayouts[] = {
    {"side by side", sizeof(SideBySide::one) + sizeof(SideBySide::two), CountIn<SideBySide>},
    {"a line each", sizeof(Apart), CountIn<Apart>},
    {"each thread's own, added once", sizeof(Counter), CountAlone},
};

std::string ThreeLayouts() {
  const bool real = !interleave::InSimulation();
  const long times = real ? 10'000'000 : 100;
  interleave::Print(std::string("two counters                   bytes  ") +
                    (real ? "" : "transfers  ") + "an increment takes  times as fast");
  double first = 0;
  bool right = true;
  const auto began = std::chrono::steady_clock::now();
  const auto work_before = WorkOfEach();
  for (const Layout& layout : kLayouts) {
    lines.Reset();
    const auto before = WorkOfEach();
    right &= layout.count(times) == 2 * times;
    const double each =
        static_cast<double>((WorkOfEach() - before).count()) / static_cast<double>(times);
    if (first == 0) first = each;
    char transfers[20] = "", row[120];
    if (!real) std::snprintf(transfers, sizeof transfers, "%9ld  ", lines.transfers());
    std::snprintf(row, sizeof row, "%-30s %5zu  %s%15.2f ns  %13.1f", layout.name, layout.bytes,
                  transfers, each, first / each);
    interleave::Print(row);
  }
  const auto took = std::chrono::steady_clock::now() - began;
  const auto percent = 100 * (WorkOfEach() - work_before) / took;
  if (percent < 80) {
    interleave::Print("Each thread had a core for " + std::to_string(percent) +
                      " % of the time: a busy machine. Who runs alone disturbs nobody.");
  }
  return right ? "both threads counted right" : "something is lost";
}

template <typename Layout>
std::string FourTimes() {
  lines.Reset(1'000'000);
  return CountIn<Layout>(4) == 8 ? "both threads counted right" : "something is lost";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("45_false_sharing",
                      "False sharing: two threads, two counters, nothing shared: why is it slow?");
  lab.Scenario("layouts", ThreeLayouts)
      .Says("two threads count, each in its own counter; where do the counters stand?")
      .Outcome("both threads counted right")
      .StepBudget(100'000)
      .Takes(std::chrono::seconds(20));
  lab.Scenario("side_by_side", FourTimes<SideBySide>)
      .Says("four increments each; a nanosecond takes a millisecond. ~ waits for the line")
      .Outcome("both threads counted right", "One line: it comes over eight times.")
      .ShowsTimeline();
  lab.Scenario("a_line_each", FourTimes<Apart>)
      .Says("the same with a line each")
      .Outcome("both threads counted right", "Two lines: each comes once, and stays.")
      .ShowsTimeline();
  lab.Notice(
      "A cache line has one writer at a time, whatever stands in it. What different threads write "
      "often should stand in different lines, or better, in each thread's own variables.");
  lab.Notice(
      "No rule of C++ is broken and no result is wrong, so no tool for races reports it. It shows "
      "in the time alone.");
  lab.Try("--real, a few times; perf c2c record of a program of yours.");
  lab.Next("46_aba");
  return lab.Main(argc, argv);
}
