// tests/engine/run_so_far_test.cc
//
// A run that stops where somebody has to choose, and the census of what can still come.
#include "runtime/engine/run_so_far.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"

namespace interleave {
namespace {

int counter = 0;
constexpr int kLineOfAdd = __LINE__ + 1;
void Add() { counter = counter + 1; }

std::string TwoAdd() {
  counter = 0;
  std::thread alice(Add), bob(Add);
  pthread_setname_np(alice.native_handle(), "alice");
  pthread_setname_np(bob.native_handle(), "bob");
  alice.join();
  bob.join();
  return "counter " + std::to_string(counter);
}

const std::string kPlaces = "@run_so_far_test.cc:" + std::to_string(kLineOfAdd);

RunSoFar After(const Body& body, const std::string& schedule) {
  return RunAsFarAs(body, {.schedule = schedule});
}

TEST(RunSoFar, StopsAtTheFirstChoiceBehindItsSchedule) {
  const RunSoFar run = After(TwoAdd, kPlaces);
  ASSERT_FALSE(run.over);
  EXPECT_TRUE(run.of_threads);
  EXPECT_EQ(run.answers, (std::vector<std::uint32_t>{1, 2}));
  ASSERT_EQ(run.threads.size(), 3);
  const Step& next = run.threads[1].next;
  EXPECT_EQ(next.kind, StepKind::kRead);
  EXPECT_EQ(next.object, "counter");
  EXPECT_EQ(next.value, "0");
  EXPECT_EQ(next.place.line, kLineOfAdd);
  EXPECT_FALSE(next.blocked);
  EXPECT_TRUE(run.threads[0].next.blocked);
  EXPECT_EQ(run.threads[0].next.object, "alice");
  EXPECT_EQ(run.report.schedule, kPlaces);
}

TEST(RunSoFar, TellsWhatWasDoneSoFar) {
  const RunSoFar run = After(TwoAdd, "1.2" + kPlaces);
  ASSERT_FALSE(run.over);
  EXPECT_EQ(run.running, 2);
  int reads = 0;
  for (const Step& step : run.report.trace) reads += step.kind == StepKind::kRead;
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(run.threads[1].next.kind, StepKind::kWrite);
}

TEST(RunSoFar, IsOverWhereNothingIsLeftToChoose) {
  const RunSoFar run = After(TwoAdd, "1.2.1" + kPlaces);
  EXPECT_TRUE(run.over);
  EXPECT_EQ(run.report.outcome, "counter 1");
  EXPECT_EQ(run.report.schedule, "1.2.1" + kPlaces);
  EXPECT_TRUE(run.threads.empty());
}

TEST(RunSoFar, GoesOnByItselfWhereThatIsAskedFor) {
  const RunSoFar run = RunAsFarAs(TwoAdd, {.schedule = "1.2" + kPlaces}, /*to_the_end=*/true);
  EXPECT_TRUE(run.over);
  EXPECT_EQ(run.report.outcome, "counter 1");
  EXPECT_EQ(After(TwoAdd, run.report.schedule).report.outcome, "counter 1");
}

TEST(RunSoFar, FindsThePlacesByItself) {
  const RunSoFar run = After(TwoAdd, "");
  EXPECT_EQ(run.report.schedule, kPlaces);
  EXPECT_EQ(run.answers, (std::vector<std::uint32_t>{1, 2}));
}

TEST(RunSoFar, SaysWhatDoesNotFit) {
  const RunSoFar run = After(TwoAdd, "1.7" + kPlaces);
  EXPECT_EQ(run.report.ending, Ending::kBadSchedule);
  EXPECT_EQ(run.report.explanation,
            "choice 2 of the schedule is 7, but the choice there is thread 1 or 2");
}

std::string LinesOfTwo() {
  std::thread alice([] { std::puts("a\nb"); }), bob([] { std::puts("c"); });
  alice.join();
  bob.join();
  return "";
}

TEST(RunSoFar, SaysWhatWillBeWritten) {
  const RunSoFar run = After(LinesOfTwo, "");
  ASSERT_EQ(run.threads.size(), 3);
  EXPECT_EQ(run.threads[1].next.object, "a\nb\n");
  EXPECT_EQ(run.threads[2].next.object, "c\n");
}

std::string OneIsWoken() {
  std::mutex mutex;
  std::condition_variable changed;
  int tickets = 0, waiting = 0;
  std::string first;
  const auto wait = [&](const char* name) {
    std::unique_lock<std::mutex> lock(mutex);
    ++waiting;
    changed.wait(lock, [&] { return tickets > 0; });
    --tickets;
    if (first.empty()) first = name;
  };
  std::thread alice(wait, "alice"), bob(wait, "bob");
  pthread_setname_np(alice.native_handle(), "alice");
  pthread_setname_np(bob.native_handle(), "bob");
  for (int i = 0; i < 2;) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    std::lock_guard<std::mutex> lock(mutex);
    if (waiting < 2 - i) continue;
    ++tickets, ++i;
    changed.notify_one();
  }
  alice.join();
  bob.join();
  return first;
}

TEST(RunSoFar, SaysWhatTheAnswersOfDataMean) {
  RunSoFar run = After(OneIsWoken, "");
  for (std::string schedule; !run.over && run.of_threads;) {
    schedule += (schedule.empty() ? "" : ".") + std::to_string(run.answers.front());
    run = After(OneIsWoken, schedule);
  }
  ASSERT_FALSE(run.over);
  EXPECT_EQ(run.answers, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(run.words, (std::vector<std::string>{"wakes alice", "wakes bob"}));
  EXPECT_EQ(After(OneIsWoken, run.report.schedule + ".1").report.ending, Ending::kReturned);
}

TEST(RunSoFar, WhoHasJustGoneToSleepIsAmongThoseThatWait) {
  RunSoFar run = After(OneIsWoken, "1");
  while (!run.over && !run.threads[1].next.blocked) {
    run = After(OneIsWoken, run.report.schedule + "." + std::to_string(run.answers.front()));
  }
  ASSERT_FALSE(run.over);
  EXPECT_EQ(run.threads[1].next.kind, StepKind::kWait);
  EXPECT_EQ(run.threads[1].next.object, "changed");
}

std::string Philosophers() {
  std::mutex left, right;
  const auto eat = [](std::mutex& one, std::mutex& other) {
    std::lock_guard<std::mutex> first(one);
    std::lock_guard<std::mutex> second(other);
  };
  std::thread alice(eat, std::ref(left), std::ref(right));
  std::thread bob(eat, std::ref(right), std::ref(left));
  alice.join();
  bob.join();
  return "both ate";
}

TEST(RunSoFar, SaysWhoHoldsWhat) {
  const RunSoFar run = After(Philosophers, "1.2");
  EXPECT_TRUE(run.over);  // from there on nobody has to choose
  EXPECT_EQ(run.report.ending, Ending::kDeadlock);
  const RunSoFar before = After(Philosophers, "1");
  ASSERT_FALSE(before.over);
  EXPECT_EQ(before.threads[1].holds, "holds left");
  EXPECT_EQ(before.threads[2].holds, "");
}

TEST(Beginning, ACensusOfWhatCanStillCome) {
  ExploreOptions options;
  options.beginning = "1.2" + kPlaces;
  const ExploreReport rest = Explore(TwoAdd, options);
  EXPECT_TRUE(rest.complete);
  ASSERT_EQ(rest.census.size(), 1);
  EXPECT_EQ(rest.census[0].outcome, "counter 1");
  EXPECT_EQ(rest.runs, 2);
  EXPECT_EQ(rest.census[0].schedule.substr(0, 4), "1.2.");

  options.beginning = "1" + kPlaces;
  EXPECT_EQ(Explore(TwoAdd, options).runs, 3);
  options.beginning = kPlaces;
  EXPECT_EQ(Explore(TwoAdd, options).runs, 6);
}

TEST(Beginning, AlsoOfRandomSchedules) {
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = 50;
  options.beginning = "1.2" + kPlaces;
  const ExploreReport rest = Explore(TwoAdd, options);
  ASSERT_EQ(rest.census.size(), 1);
  EXPECT_EQ(rest.census[0].outcome, "counter 1");
  EXPECT_EQ(rest.census[0].schedule.substr(0, 4), "1.2.");
  EXPECT_EQ(rest.runs, 50);
}

TEST(Beginning, CannotBeToldOfClasses) {
  ExploreOptions options;
  options.strategy = Strategy::kDistinct;
  options.beginning = "1" + kPlaces;
  EXPECT_THROW(Explore(TwoAdd, options), std::invalid_argument);
}

}  // namespace
}  // namespace interleave
