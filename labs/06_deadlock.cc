// Lab 06: deadlock
//
// Two locks, two orders.
//
// alice takes the left one and wants the right one. bob takes the right one and wants the left
// one. Both do what a careful programmer does, and hold each lock for as long as they need it. If
// both get their first lock before either gets the second, neither can ever go on: each holds what
// the other waits for. Nothing crashes and nothing is printed. The program just stops.
//
// It takes a cycle: alice -> right -> bob -> left -> alice. No cycle, no deadlock. So either
// everybody takes the locks in one order (then whoever has the last lock waits for nobody), or
// takes all of them at once: std::scoped_lock gets both or lets go and tries again.
//
// Run it:     bazel run //labs:06_deadlock
//
// Notice:     opposite_order mostly works. The census counts the schedules that do not, and a real
//             machine needs luck to hit one; with a pause between the two locks (with_pause) it
//             needs none.
//
//             The census of both_at_once is a sample, for all its schedules would never end: two
//             people who let go and try again in step can do so for ever. That is lab 08.
//
// Try:        --real --scenario=with_pause: what a deadlock looks like without a simulation
//             --scenario=opposite_order --schedule=...: replay one that works
//             A third lock, middle, and a third person. How long can the cycle be? (Lab 07.)
//
// Next:       07_dining_philosophers
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

using namespace std::chrono_literals;

namespace {

std::mutex left, right;
int meals;

// ---- two orders ----

void LeftThenRight() {
  std::lock_guard<std::mutex> first(left);
  std::lock_guard<std::mutex> second(right);
  ++meals;
}

void RightThenLeft() {
  std::lock_guard<std::mutex> first(right);
  std::lock_guard<std::mutex> second(left);
  ++meals;
}

// ---- the same with a pause, which makes it certain ----

void LeftPauseRight() {
  std::lock_guard<std::mutex> first(left);
  std::this_thread::sleep_for(1s);
  std::lock_guard<std::mutex> second(right);
  ++meals;
}

void RightPauseLeft() {
  std::lock_guard<std::mutex> first(right);
  std::this_thread::sleep_for(1s);
  std::lock_guard<std::mutex> second(left);
  ++meals;
}

// ---- both at once, in whatever order they are named ----

void LeftAndRight() {
  std::scoped_lock both(left, right);
  ++meals;
}

void RightAndLeft() {
  std::scoped_lock both(right, left);
  ++meals;
}

void Eat(const char* name, void (*lock_and_eat)()) {
  interleave::SetThreadName(name);
  lock_and_eat();
}

std::string Run(void (*alice)(), void (*bob)()) {
  meals = 0;
  std::thread one(Eat, "alice", alice), two(Eat, "bob", bob);
  one.join();
  two.join();
  return std::to_string(meals) + " meals";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("06_deadlock", "Deadlock: two locks, two orders");
  lab.Scenario("opposite_order", [] { return Run(LeftThenRight, RightThenLeft); })
      .Id("S2.11")
      .Says("alice locks left, then right; bob locks right, then left")
      .Outcome("deadlock")
      .Outcome("2 meals")
      .ShowsOutcome("deadlock")
      .ShowsSteps()
      .ShowsCensus();
  lab.Scenario("with_pause", [] { return Run(LeftPauseRight, RightPauseLeft); })
      .OnRequest()
      .Says("the same, each pausing for 1 s between the locks")
      .Outcome("deadlock")
      .Takes(1s)
      .ShowsTimeline();
  lab.Scenario("same_order", [] { return Run(LeftThenRight, LeftThenRight); })
      .Says("cure 1: both lock left, then right")
      .Outcome("2 meals")
      .ShowsCensus();
  lab.Scenario("both_at_once", [] { return Run(LeftAndRight, RightAndLeft); })
      .Says("cure 2: std::scoped_lock takes both or none")
      .Outcome("2 meals")
      .Schedule("2.1.1.1.2")
      .ShowsSteps()
      .ShowsCensus("random:1000");
  lab.Notice(
      "A schedule that works proves nothing: opposite_order works in four of six. Nobody did "
      "anything forbidden. What is wrong is that the waiting goes round in a circle, "
      "and the cures make a circle impossible, not unlikely.");
  lab.Try(
      "--real --scenario=with_pause: it stands still, until a watchdog ends it; --schedule=1.1.1 "
      "replays a run that works.");
  lab.Next("07_dining_philosophers");
  return lab.Main(argc, argv);
}
