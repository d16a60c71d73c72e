// Lab 07: dining philosophers
//
// Can everybody wait for everybody?
//
// Philosophers sit at a round table, with a fork between each two. Who wants to eat takes the fork
// on the left, then the one on the right. All do the same, none of them is greedy, and if all take
// the left fork at once, nobody ever eats: plato waits for hume, who waits for kant, who waits for
// plato. It is lab 06 with a longer circle: no two of them alone are at fault. Edsger Dijkstra set
// it as an examination question in 1965, with tape drives; Tony Hoare made it philosophers.
//
// Each cure breaks the circle at another place:
//
//   the order     everybody takes the fork with the lower number first. For the last one that is
//                 the right one. Whoever holds the fork with the highest number has both.
//   the waiter    serves one guest at a time, so no two are half done.
//   the chairs    one chair fewer than guests: next to somebody who sits a place is empty.
//
// Run it:     bazel run //labs:07_dining_philosophers
//
// Notice:     Only 6 of 168 schedules deadlock: one for each order in which three people can take
//             their left forks. On real threads none of 6,000 dinners did (--real --repeat=2000).
//
//             The cures are not equally good at dinner. Five philosophers can eat two at a time,
//             so 0.3 s is enough. The waiter stands beside hume until plato has eaten, and does not
//             see that kant's two forks are free: it takes 0.5 s.
//
// Try:        --scenario=five: five at the table, as in the examination
//             --scenario=left_first --schedule=1.3.2: a row of the census, replayed
//             In AskWaiter, let go of served before the second fork. Which outcome comes back?
//             Put the left fork back if the right one is taken (try_lock), and begin again. Is
//             everything well now? (Lab 08.)
//
// Next:       08_livelock
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

namespace {

const char* const kNames[] = {"plato", "hume", "kant", "mill", "marx"};
std::mutex forks[5];  // forks[seat] lies on the left of who sits there
int guests;
std::chrono::milliseconds meal_time;
bool has_eaten[5];

int Left(int seat) { return seat; }
int Right(int seat) { return (seat + 1) % guests; }

void Eat(int seat) {
  if (meal_time.count() > 0) interleave::Compute(meal_time);
  has_eaten[seat] = true;
}

void LeftFirst(int seat) {
  std::lock_guard<std::mutex> first(forks[Left(seat)]);
  std::lock_guard<std::mutex> second(forks[Right(seat)]);
  Eat(seat);
}

// ---- cure 1: one order for everybody ----

void LowestFirst(int seat) {
  std::lock_guard<std::mutex> first(forks[std::min(Left(seat), Right(seat))]);
  std::lock_guard<std::mutex> second(forks[std::max(Left(seat), Right(seat))]);
  Eat(seat);
}

// ---- cure 2: a waiter, who serves one guest at a time ----

std::mutex waiter;

void AskWaiter(int seat) {
  std::unique_lock<std::mutex> served(waiter);
  std::lock_guard<std::mutex> first(forks[Left(seat)]);
  std::lock_guard<std::mutex> second(forks[Right(seat)]);
  served.unlock();
  Eat(seat);
}

// ---- cure 3: one chair fewer than guests ----

int chairs;
std::mutex chairs_mutex;
std::condition_variable chair_free;  // lab 12 explains it

void SitFirst(int seat) {
  std::unique_lock<std::mutex> lock(chairs_mutex);
  chair_free.wait(lock, [] { return chairs > 0; });
  --chairs;
  lock.unlock();
  LeftFirst(seat);
  lock.lock();
  ++chairs;
  chair_free.notify_one();
}

std::string Dine(void (*philosopher)(int), int count, int meal_ms = 0) {
  guests = count;
  chairs = count - 1;
  meal_time = std::chrono::milliseconds(meal_ms);
  std::vector<std::thread> table;
  for (int seat = 0; seat < count; ++seat) {
    has_eaten[seat] = false;
    table.emplace_back([=] {
      interleave::SetThreadName(kNames[seat]);
      philosopher(seat);
    });
  }
  for (std::thread& guest : table) guest.join();
  return std::to_string(std::count(has_eaten, has_eaten + count, true)) + " have eaten";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("07_dining_philosophers",
                      "Dining philosophers: can everybody wait for everybody?");
  lab.Scenario("left_first", [] { return Dine(LeftFirst, 3); })
      .Says("three philosophers, three forks; each takes the left one, then the right one")
      .Outcome("deadlock")
      .Outcome("3 have eaten")
      .ShowsOutcome("deadlock")
      .ShowsSteps()
      .ShowsCensus();
  lab.Scenario("lowest_first", [] { return Dine(LowestFirst, 3); })
      .Says("cure 1: the fork with the lower number first, so kant begins on the right")
      .Outcome("3 have eaten")
      .ShowsCensus();
  lab.Scenario("waiter", [] { return Dine(AskWaiter, 3); })
      .Says("cure 2: a waiter serves one guest at a time")
      .Outcome("3 have eaten")
      .ShowsCensus();
  lab.Scenario("chairs", [] { return Dine(SitFirst, 3); })
      .Says("cure 3: only two chairs")
      .Outcome("3 have eaten")
      .ShowsCensus("distinct");
  lab.Scenario("five", [] { return Dine(LeftFirst, 5); })
      .OnRequest()
      .Says("left_first with five philosophers, as in the examination")
      .Outcome("deadlock")
      .Outcome("5 have eaten")
      .ShowsOutcome("deadlock")
      .ShowsCensus("random:1000");
  lab.Scenario("dinner_with_waiter", [] { return Dine(AskWaiter, 5, 100); })
      .Says("five philosophers, a meal takes 0.1 s; # is eating")
      .Outcome("5 have eaten")
      .Cores(5)
      .ShowsTimeline();
  lab.Scenario("dinner_with_chairs", [] { return Dine(SitFirst, 5, 100); })
      .Says("the same with four chairs and no waiter")
      .Outcome("5 have eaten")
      .Cores(5)
      .ShowsTimeline();
  lab.Notice(
      "No two of them are at fault: the circle is there only when all three wait. The cures forbid "
      "it in three ways: an order, one at a time, one fewer than there are places in the circle.");
  lab.Notice(
      "While hume waits the waiter waits too, and kant goes hungry beside two free forks. A cure "
      "for a deadlock can cost the very thing that threads were for.");
  lab.Try(
      "--scenario=five; --scenario=left_first --schedule=1.3.2, a row of the census; "
      "--scenario=dinner_with_waiter --seed=1: does another schedule help the waiter?");
  lab.Next("08_livelock");
  return lab.Main(argc, argv);
}
