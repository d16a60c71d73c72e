// Lab 11: readers and writers
//
// Many may look at once, one may touch. Who waits for whom?
//
// Whoever only reads disturbs no other reader. A std::shared_mutex has two ways in: lock_shared()
// for those who look (std::shared_lock), as many as like; lock() for the one who touches
// (std::unique_lock), alone.
//
// It leaves one question open. A writer waits, readers are inside, and one more reader comes. To
// let that one in costs nobody anything, now. But if there is always one more, the writer waits for
// ever. The C++ standard does not say who is first; glibc, which is below it on Linux, lets the
// reader in. The cure is a door in front of the room: who waits for the room stands in the door, so
// those who come later wait behind, whether they want to look or to touch.
//
// Run it:     bazel run //labs:11_readers_writers
//
// Notice:     The lock cannot know who touches. touch_as_if_looking locks, and is as wrong as
//             without a lock.
//
//             With std::shared_mutex the writer waits until no reader comes any more, however many
//             come. With the door (11_readers_writers_door.cc) it waits for those who are inside:
//             20 ms, not 100 ms.
//
//             A shared_mutex pays where the looks are long. To lock one is no cheaper than to lock
//             a std::mutex.
//
// Try:        --real --scenario=readers_first: your machine's std::shared_mutex does the same
//             Ten readers instead of five: how long does the writer wait in each case?
//             Take the door out of lock() and leave it in lock_shared(). What is it good for now?
//
// Next:       12_condition_variable
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::SetThreadName;
using std::chrono::milliseconds;

void AddDoor(interleave::Lab& lab);  // in 11_readers_writers_door.cc

namespace {

// ---- who touches must be alone ----

int hour, minute;
std::shared_mutex wall_clock;
std::string seen;

void Look() {
  SetThreadName("reader");
  std::shared_lock<std::shared_mutex> lock(wall_clock);
  const int h = hour, m = minute;
  seen = std::to_string(h) + (m < 10 ? ":0" : ":") + std::to_string(m);
}

void TouchAsIfLooking() {
  SetThreadName("writer");
  std::shared_lock<std::shared_mutex> lock(wall_clock);
  hour = 11;
  minute = 0;
}

void Touch() {
  SetThreadName("writer");
  std::unique_lock<std::shared_mutex> lock(wall_clock);
  hour = 11;
  minute = 0;
}

std::string Tick(void (*touch)()) {
  hour = 10;
  minute = 59;
  std::thread reader(Look), writer(touch);
  reader.join();
  writer.join();
  return "saw " + seen;
}

// ---- who may look together ----

std::mutex one_at_a_time;
std::shared_mutex room;

template <class Lock, class Mutex>
std::string ThreeLook(Mutex& mutex) {
  const auto look = [&mutex](const char* name) {
    SetThreadName(name);
    Lock lock(mutex);
    interleave::Compute(milliseconds(10));
  };
  std::thread one(look, "reader-1"), two(look, "reader-2"), three(look, "reader-3");
  one.join();
  two.join();
  three.join();
  return "three have looked";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("11_readers_writers", "Readers and writers: many may look, one may touch");
  lab.Scenario("touch_as_if_looking", [] { return Tick(TouchAsIfLooking); })
      .Says("at 10:59 both take std::shared_lock, and one of them moves the hands")
      .Outcome("saw 11:59",
               "It is never 11:59: the reader saw the hour after it moved and the minute before.")
      .Outcome(
          "saw 10:00",
          "It is no longer 10:00: the reader saw the hour before it moved and the minute after.")
      .Outcomes({"saw 10:59", "saw 11:00"})
      .ShowsOutcome("saw 11:59")
      .ShowsSteps()
      .ShowsCensus()
      .ShowsRaces();
  lab.Scenario("touch", [] { return Tick(Touch); })
      .Says("the same, the writer takes std::unique_lock")
      .Outcomes({"saw 10:59", "saw 11:00"})
      .ShowsCensus();
  lab.Scenario("mutex", [] { return ThreeLook<std::lock_guard<std::mutex>>(one_at_a_time); })
      .Says("three readers with a std::mutex; # is looking")
      .Outcome("three have looked")
      .Cores(3)
      .ShowsTimeline();
  lab.Scenario("shared", [] { return ThreeLook<std::shared_lock<std::shared_mutex>>(room); })
      .Says("the same with a std::shared_mutex")
      .Outcome("three have looked")
      .Cores(3)
      .ShowsTimeline();
  AddDoor(lab);
  lab.Notice(
      "A lock that lets in whoever can go in lets the readers in, each for a good reason, and the "
      "writer never. To be fair it must sometimes make somebody wait who need not.");
  lab.Try(
      "--scenario=touch_as_if_looking with a --schedule of the census; --real "
      "--scenario=readers_first on a machine that has nothing else to do.");
  lab.Next("12_condition_variable");
  return lab.Main(argc, argv);
}
