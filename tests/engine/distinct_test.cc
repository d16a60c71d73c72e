// Strategy kDistinct runs one schedule of each class. It must come to the same outcomes as running
// all of them: random small programs are the judge. A program is data, made from a seed: two or
// three threads, each a list of operations on mutexes, a reader-writer lock, a condition variable,
// a semaphore, plain and atomic variables, with and without time-outs.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <semaphore>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using std::chrono::milliseconds;

enum class Kind {
  kRead,
  kWrite,
  kLoad,
  kStore,
  kAdd,
  kExchange,   // a compare-exchange from 0
  kLock,       // and unlock at the end of `inside` more operations
  kTryLock,    // the same, if it gets it
  kTimedLock,  // the same
  kShared,
  kExclusive,
  kTryShared,
  kWait,     // on the condition variable, for ever
  kWaitFor,  // or for some milliseconds
  kNotifyOne,
  kNotifyAll,
  kYield,
  kSleep,
  kOnce,
  kFail,  // ends the program if an atomic has this value
  kKinds
};

struct Operation {
  Kind kind;
  std::size_t object;  // which variable or mutex
  int value;
  std::size_t inside;  // how many of the following are done while it holds a lock
};

using Thread = std::vector<Operation>;
using Program = std::vector<Thread>;

struct State {
  int plain[2] = {};
  std::atomic<int> atomics[2] = {};
  std::timed_mutex mutexes[2];
  std::shared_mutex shared;
  std::mutex condition_mutex;
  std::condition_variable condition;
  std::once_flag once;
  int initialised = 0;
};

class Runner {
 public:
  Runner(const Thread& thread, State& state, std::string& seen)
      : thread_(thread), state_(state), seen_(seen) {
    while (at_ < thread_.size()) Perform(thread_[at_++]);
  }

 private:
  void Note(int value) { seen_ += static_cast<char>('0' + value); }

  void Inside(std::size_t operations) {
    while (operations-- > 0 && at_ < thread_.size()) Perform(thread_[at_++]);
  }

  void Perform(const Operation& operation) {
    std::atomic<int>& atomic = state_.atomics[operation.object];
    std::timed_mutex& mutex = state_.mutexes[operation.object];
    switch (operation.kind) {
      case Kind::kRead:
        Note(state_.plain[operation.object]);
        break;
      case Kind::kWrite:
        state_.plain[operation.object] = operation.value;
        break;
      case Kind::kLoad:
        Note(atomic.load());
        break;
      case Kind::kStore:
        atomic.store(operation.value);
        break;
      case Kind::kAdd:
        Note(atomic.fetch_add(1));
        break;
      case Kind::kExchange: {
        int expected = 0;
        Note(atomic.compare_exchange_strong(expected, operation.value));
        break;
      }
      case Kind::kLock: {
        std::lock_guard lock(mutex);
        Inside(operation.inside);
        break;
      }
      case Kind::kTryLock: {
        std::unique_lock lock(mutex, std::try_to_lock);
        Note(lock.owns_lock());
        if (lock) Inside(operation.inside);
        break;
      }
      case Kind::kTimedLock: {
        std::unique_lock lock(mutex, milliseconds(operation.value));
        Note(lock.owns_lock());
        if (lock) Inside(operation.inside);
        break;
      }
      case Kind::kShared: {
        std::shared_lock lock(state_.shared);
        Inside(operation.inside);
        break;
      }
      case Kind::kExclusive: {
        std::unique_lock lock(state_.shared);
        Inside(operation.inside);
        break;
      }
      case Kind::kTryShared: {
        std::shared_lock lock(state_.shared, std::try_to_lock);
        Note(lock.owns_lock());
        break;
      }
      case Kind::kWait: {
        std::unique_lock lock(state_.condition_mutex);
        state_.condition.wait(lock);
        break;
      }
      case Kind::kWaitFor: {
        std::unique_lock lock(state_.condition_mutex);
        auto status = state_.condition.wait_for(lock, milliseconds(operation.value));
        Note(status == std::cv_status::timeout);
        break;
      }
      case Kind::kNotifyOne:
        state_.condition.notify_one();
        break;
      case Kind::kNotifyAll:
        state_.condition.notify_all();
        break;
      case Kind::kYield:
        std::this_thread::yield();
        break;
      case Kind::kSleep:
        std::this_thread::sleep_for(milliseconds(operation.value));
        break;
      case Kind::kOnce:
        std::call_once(state_.once, [&] { state_.initialised = operation.value; });
        Note(state_.initialised);
        break;
      case Kind::kFail:
        if (atomic.load() == operation.value) std::abort();
        break;
      case Kind::kKinds:
        break;
    }
  }

  const Thread& thread_;
  State& state_;
  std::string& seen_;
  std::size_t at_ = 0;
};

std::string RunProgram(const Program& program) {
  State state;
  std::vector<std::string> seen(program.size());
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < program.size(); ++t) {
    threads.emplace_back([&, t] { Runner(program[t], state, seen[t]); });
  }
  for (std::thread& thread : threads) thread.join();
  std::string outcome;
  for (const std::string& one : seen) outcome += one + ",";
  for (int value : state.plain) outcome += std::to_string(value);
  for (const auto& value : state.atomics) outcome += std::to_string(value.load());
  return outcome;
}

// The first thread is the main one, and returns while the others may still be at work.
std::string RunProgramAndLeave(const Program& program) {
  const auto state = std::make_shared<State>();
  for (std::size_t t = 1; t < program.size(); ++t) {
    std::thread([state, operations = program[t]] {
      std::string seen;
      Runner(operations, *state, seen);
    }).detach();
  }
  std::string outcome;
  Runner(program[0], *state, outcome);
  return outcome + "," + std::to_string(state->plain[0]) + std::to_string(state->atomics[0].load());
}

Program MakeProgram(unsigned seed) {
  std::mt19937 random(seed);
  auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  const std::size_t threads = 2 + below(2);
  const unsigned longest = threads == 2 ? 6 : 3;
  Program program(threads);
  for (Thread& thread : program) {
    const std::size_t length = 1 + below(longest);
    for (std::size_t i = 0; i < length; ++i) {
      thread.push_back({static_cast<Kind>(below(static_cast<unsigned>(Kind::kKinds))), below(2),
                        static_cast<int>(1 + below(3)), 1 + below(2)});
    }
  }
  return program;
}

std::string Text(const Program& program) {
  std::string text;
  for (const Thread& thread : program) {
    for (const Operation& operation : thread) {
      text += std::to_string(static_cast<int>(operation.kind)) + "(" +
              std::to_string(operation.object) + "," + std::to_string(operation.value) + "," +
              std::to_string(operation.inside) + ") ";
    }
    text += "| ";
  }
  return text;
}

// INTERLEAVE_PROGRAMS says another number, INTERLEAVE_FIRST with which to begin.
int FromEnvironment(const char* name, int otherwise) {
  const char* wanted = std::getenv(name);
  return wanted != nullptr ? std::atoi(wanted) : otherwise;
}

int Programs() { return FromEnvironment("INTERLEAVE_PROGRAMS", 2'000); }

// Compares as many programs as it is told to.
void CompareWithAll(int programs, std::string (*run)(const Program&)) {
  std::int64_t all_runs = 0, distinct_runs = 0, redundant = 0, compared = 0;
  const int first = FromEnvironment("INTERLEAVE_FIRST", 0);
  for (int seed = first; seed < first + programs; ++seed) {
    const Program program = MakeProgram(static_cast<unsigned>(seed));
    ExploreOptions options;
    options.max_runs = 3000;
    const ExploreReport all = Explore([&] { return run(program); }, options);
    if (!all.complete) continue;
    options.max_runs = 10 * options.max_runs;
    options.strategy = Strategy::kDistinct;
    const ExploreReport distinct = Explore([&] { return run(program); }, options);
    ASSERT_EQ(distinct.nondeterminism, "") << "seed " << seed << ": " << Text(program);
    ASSERT_TRUE(distinct.complete) << "seed " << seed << ": " << Text(program);
    ASSERT_EQ(Outcomes(distinct), Outcomes(all)) << "seed " << seed << ": " << Text(program);
    ASSERT_LE(distinct.runs, all.runs) << "seed " << seed << ": " << Text(program);
    ++compared;
    all_runs += all.runs;
    distinct_runs += distinct.runs;
    redundant += distinct.phases.back().redundant;
  }
  std::cout << compared << " programs, " << all_runs << " schedules, " << distinct_runs
            << " distinct ones (and " << redundant << " redundant)\n";
  EXPECT_GT(compared, programs * 6 / 10);
  EXPECT_LT(distinct_runs, all_runs / 2);
}

TEST(Distinct, HasTheOutcomesOfAllSchedulesOfRandomPrograms) {
  CompareWithAll(Programs(), RunProgram);
}

TEST(Distinct, HasThemAlsoWhereTheMainThreadDoesNotWaitForTheOthers) {
  CompareWithAll(Programs() / 4, RunProgramAndLeave);
}

// Where the main thread has nothing left to do but to end, that it waits makes no run a repetition.
TEST(Distinct, RunsAreNotRedundantForAMainThreadThatDoesNotWait) {
  ExploreOptions options;
  options.strategy = Strategy::kDistinct;
  const ExploreReport report = Explore(
      [] {
        static std::atomic<int> one, other;
        one = other = 0;
        std::thread([] { one = other + 1; }).detach();
        std::thread([] { other = one + 1; }).detach();
        return std::string("gone");
      },
      options);
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.runs, 3);  // one, the other, or both read before anybody writes
  EXPECT_EQ(report.phases.back().redundant, 0);
}

}  // namespace
}  // namespace interleave
