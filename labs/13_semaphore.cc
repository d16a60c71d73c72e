// Lab 13: semaphore
//
// At most n at a time.
//
// A server lets us have two connections, and there are six downloads. A mutex lets one thread in;
// a semaphore lets in as many as it has permits. acquire() takes one, or waits until there is one;
// release() puts one back. It is a number, and no more than that: it does not know who took a
// permit, so anybody may put one back. (Here main acquires, and each download releases.) It also
// believes whoever does. A release too many makes the limit larger for good, and nobody notices. A
// permit that is never put back is gone for good, and in the end everybody waits. So let a
// destructor release: once, whichever way the function ends.
//
// Run it:     bazel run //labs:13_semaphore
//
// Notice:     A mutex has an owner; to unlock what another has locked is forbidden. A semaphore
//             has none, and so one thread may wait for what another one does: with no permits at
//             the beginning, acquire() waits for somebody's release().
//
//             The extra release breaks our limit, but not yet a rule of C++, since
//             std::counting_semaphore<> may hold as many permits as an int can count. With
//             std::counting_semaphore<2> a third permit would be undefined behaviour.
//
// Try:        --scenario=library_bug: in libstdc++ 12, whose acquire() on two threads at once can
//             sleep although there is a permit. That is why nobody but main acquires here.
//             The same with --real --repeat=20000: does the machine find it?
//             Let Permit forget its release, or do it twice. What does the census say?
//
// Next:       14_barrier
#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

std::string TwoTurnsWithOnePermit();  // in 13_semaphore_library_bug.cc

namespace {

using interleave::Log;

std::optional<std::counting_semaphore<>> permits;  // new for each run; a program has a plain one

int connected, peak;
std::mutex connected_mutex;

// Takes a second. The server refuses the first download, and at once.
bool Fetch(int number) {
  {
    std::lock_guard<std::mutex> lock(connected_mutex);
    peak = std::max(peak, ++connected);
    Log("connects: " + std::to_string(connected) + " connected");
  }
  if (number != 1) std::this_thread::sleep_for(std::chrono::seconds(1));
  std::lock_guard<std::mutex> lock(connected_mutex);
  --connected;
  if (number == 1) Log("is refused");
  return number != 1;
}

struct Permit {  // main has acquired it; whoever has this releases it, at the end of its scope
  ~Permit() { permits->release(); }
};

void ReleasesOnce(int number) {
  Permit permit;
  if (!Fetch(number)) return;
}

void ReleasesTwice(int number) {
  if (!Fetch(number)) permits->release();  // "refused, so the permit is free again"
  permits->release();
}

void ReleasesTooLittle(int number) {
  if (!Fetch(number)) return;
  permits->release();
}

std::string Run(int downloads, int limit, void (*download)(int)) {
  connected = peak = 0;
  permits.emplace(limit);
  std::vector<std::thread> threads;
  for (int number = 1; number <= downloads; ++number) {
    permits->acquire();
    threads.emplace_back([=] {
      interleave::SetThreadName("download-" + std::to_string(number));
      download(number);
    });
  }
  for (std::thread& thread : threads) thread.join();
  Log("at most " + std::to_string(peak) + " connected at a time");
  return "peak " + std::to_string(peak);
}

}  // namespace

int main(int argc, char** argv) {
  using std::chrono::seconds;
  interleave::Lab lab("13_semaphore", "Semaphore: at most n at a time");
  lab.Scenario("two_permits", [] { return Run(6, 2, ReleasesOnce); })
      .Says("six downloads, two permits; the server refuses download-1")
      .Outcome("peak 2", "Never more than two: as soon as one has ended the next may connect.")
      .Outcome("peak 1")  // for real, on a busy machine
      .Takes(seconds(3))
      .ShowsTimeline()
      .ShowsCensus("delay:2");
  lab.Scenario("one_release_too_many", [] { return Run(6, 2, ReleasesTwice); })
      .Says("download-1 releases because it was refused, and again at its end")
      .Outcome("peak 3", "From then on there are three permits, and only the server complains.")
      .Outcomes({"peak 1", "peak 2"})
      .Takes(seconds(3))
      .ShowsTimeline()
      .ShowsCensus("delay:2");
  lab.Scenario("one_release_too_few", [] { return Run(3, 1, ReleasesTooLittle); })
      .Says("three downloads, one permit; download-1 takes it along")
      .Outcome("deadlock", "main waits for a permit that nobody has any more.")
      .ShowsCensus();
  lab.Scenario("one_permit", [] { return Run(3, 1, ReleasesOnce); })
      .Says("the same, a destructor releases: one at a time, and nobody is left waiting")
      .Outcome("peak 1")
      .Takes(seconds(2))
      .ShowsCensus("distinct");
  lab.Scenario("library_bug", TwoTurnsWithOnePermit)
      .OnlyByName()
      .Says("two threads acquire and release the only permit, in libstdc++ 12")
      .Outcome("deadlock", "One sleeps for ever, and there is a permit.")
      .Outcome("both had their turn")
      .ShowsOutcome("deadlock")
      .ShowsSteps()
      .ShowsCensus();
  lab.Notice(
      "A semaphore is a number that one can wait for. It counts what it is told: a release too "
      "many or too few is no error to it, now or ever.");
  lab.Notice(
      "Only main acquires, since in libstdc++ 12 two threads in acquire() are one too many: "
      "--scenario=library_bug shows the standard library itself asleep beside a free permit.");
  lab.Try(
      "--scenario=library_bug; --real --scenario=one_release_too_few; --explore=random:1000; the "
      "same with four permits in Run(6, 2, ...).");
  lab.Next("14_barrier");
  return lab.Main(argc, argv);
}
