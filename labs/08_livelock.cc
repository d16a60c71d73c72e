// Lab 08: livelock
//
// Everybody moves. Why does nobody advance?
//
// alice and bob have learnt from lab 06: who cannot get the second fork puts the first one back, so
// nobody holds what the other waits for, and there is no deadlock. But both reach at the same time,
// both see that it is taken, both put theirs back, both pause, and both reach again. They are as
// busy as can be. A deadlock stands still, and that shows; a livelock looks like work.
//
// What keeps them in step is that they do the same. Whatever they do instead must be different for
// each: a pause of random length. It is how the first Ethernet let computers talk on one cable:
// whoever collides waits for a random time, out of a range that doubles with each collision.
//
// Run it:     bazel run //labs:08_livelock
//
// Notice:     "It never ends" cannot be seen by waiting. The engine has a budget instead: a run of
//             more steps than that is a livelock. It is 20,000 steps unless a scenario knows
//             better: here it is 60, for that is seven rounds, and two people need no more.
//
//             longer_pause waits 1 s, 2 s, 4 s ... and is as wrong as before: the pauses grow, and
//             they grow alike. And random numbers from one seed are the same numbers
//             (--scenario=same_seed): in a real program seed with std::random_device.
//
//             The cure is not a proof. Each round they may draw alike, only less and less likely.
//             An order (lab 06) is certain; jitter is for those who cannot agree on one.
//
// Try:        --real --scenario=same_pause: real clocks don't part them either
//             --scenario=jitter --timeline: when do they fall out of step?
//             Let bob reach for 2 s in same_pause. Is a fixed difference as good as a random one?
//
// Next:       09_starvation
#include <algorithm>
#include <chrono>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::Log;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::mutex left, right;

using Dice = std::mt19937;
using Pause = milliseconds (*)(int failures, Dice& dice);

milliseconds OneSecond(int, Dice&) { return seconds(1); }

milliseconds Doubled(int failures, Dice&) { return seconds(1 << std::min(failures, 5)); }

milliseconds UpToDoubled(int failures, Dice& dice) {
  std::uniform_int_distribution<int> up_to(0, 1000 << std::min(failures, 5));
  return milliseconds(up_to(dice));
}

void Eat(const char* name, std::mutex& first, std::mutex& second, Pause pause, unsigned seed) {
  interleave::SetThreadName(name);
  Dice dice(seed);
  for (int failures = 0;; ++failures) {
    std::unique_lock<std::mutex> mine(first);
    std::this_thread::sleep_for(seconds(1));  // reaches for the other fork
    std::unique_lock<std::mutex> other(second, std::try_to_lock);
    if (other) break;
    Log("after you");
    std::this_thread::sleep_for(seconds(1));  // puts the first one back
    mine.unlock();
    std::this_thread::sleep_for(pause(failures, dice));
  }
  Log("eats");
}

std::string Dine(Pause pause, unsigned seed_of_alice, unsigned seed_of_bob) {
  std::thread alice(Eat, "alice", std::ref(left), std::ref(right), pause, seed_of_alice);
  std::thread bob(Eat, "bob", std::ref(right), std::ref(left), pause, seed_of_bob);
  alice.join();
  bob.join();
  return "both have eaten";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("08_livelock", "Livelock: everybody moves, why does nobody advance?");
  lab.Scenario("same_pause", [] { return Dine(OneSecond, 1, 2); })
      .Says("whoever cannot have both forks puts the first one back and pauses for 1 s")
      .Outcome("livelock", "Nobody waits for a lock, and nobody eats.")
      .StepBudget(60)
      .ShowsCensus("random:1000");
  lab.Scenario("longer_pause", [] { return Dine(Doubled, 1, 2); })
      .Says("the same, the pause twice as long each time: 1 s, 2 s, 4 s ...")
      .Outcome("livelock", "Slower, and just as much in step.")
      .StepBudget(60)
      .ShowsCensus("random:1000");
  lab.Scenario("jitter", [] { return Dine(UpToDoubled, 1, 2); })
      .Says("cure: a random pause of up to 1 s, 2 s, 4 s ..., each from an own seed")
      .Outcome("both have eaten")
      .StepBudget(60)
      .Takes(seconds(20))
      .ShowsCensus("random:1000");
  lab.Scenario("same_seed", [] { return Dine(UpToDoubled, 1, 1); })
      .OnRequest()
      .Says("no cure: the same random pauses for both")
      .Outcome("livelock", "Both throw the same dice.")
      .StepBudget(60)
      .ShowsCensus("random:1000");
  lab.Notice(
      "The clock runs, both act, no lock is held for long, and nothing comes of it. "
      "What breaks the step is not a longer pause but a different one.");
  lab.Try(
      "--scenario=jitter --explore=all: it has only 24 schedules; --scenario=same_seed; --real "
      "--scenario=same_pause");
  lab.Next("09_starvation");
  return lab.Main(argc, argv);
}
