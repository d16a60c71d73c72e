// tests/process/process_pool_test.cc
//
// Jobs in worker processes, forked and spawned ones. Whoever kills workers is in broken_pool_test.

#include "runtime/process/process_pool.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/wrap_future.h"
#include "runtime/process/shared_memory.h"
#include "runtime/process/worker_main.h"
#include "runtime/threads/thread_name.h"
#include "runtime/threads/wait.h"
#include "tests/process/open_descriptors.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// ---- Jobs ----

int Square(int x) { return x * x; }
int Pid() { return getpid(); }
std::string Name() { return ThreadName(); }
void Nothing() {}
long Sum(const std::vector<int>& numbers) {
  long sum = 0;
  for (const int number : numbers) sum += number;
  return sum;
}
std::vector<int> Numbers(int count) { return std::vector<int>(static_cast<std::size_t>(count), 7); }
std::vector<int> Doubled(std::vector<int> numbers) {
  for (int& number : numbers) number *= 2;
  return numbers;
}
std::map<std::string, int> Lengths(std::vector<std::string> words) {
  std::map<std::string, int> lengths;
  for (const std::string& word : words) lengths[word] = static_cast<int>(word.size());
  return lengths;
}

// Opens when somebody sets it, in whatever process.
using Gate = Shared<std::atomic<int>>;
void PassGate(const Gate& gate) {
  while (*gate == 0) std::this_thread::sleep_for(100us);
}
int PassAndSquare(const Gate& gate, int x) {
  PassGate(gate);
  return x * x;
}
// Two of them end only if both run at once.
int Meet(const Gate& arrived) {
  ++*arrived;
  while (*arrived < 2) std::this_thread::sleep_for(100us);
  return getpid();
}
void Fill(const SharedArray<int>& numbers, int value) {
  for (int& number : numbers) number = value;
}
SharedArray<int> MakeShared(int size) {
  SharedArray<int> numbers(static_cast<std::size_t>(size));
  numbers[0] = 42;
  return numbers;
}

int ParsePositive(const std::string& text) {
  if (text.empty()) throw std::invalid_argument("nothing to parse");
  return std::vector<int>{1, 2}.at(text.size());
}
int PlaceOfParsePositive() { return __LINE__ - 3; }

struct WrongDigit : std::exception {
  WrongDigit() = default;
  WrongDigit(int digit, std::string where) : digit(digit), where(std::move(where)) {}
  const char* what() const noexcept override { return "wrong digit"; }
  template <typename Archive>
  void serialize(Archive& archive) {
    archive(digit, where);
  }
  int digit = 0;
  std::string where;
};
const bool wrong_digit_is_registered = RegisterException<WrongDigit>();
int ThrowWrongDigit(int digit) { throw WrongDigit(digit, "in the second line"); }

struct Unknown : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void ThrowUnknown() { throw Unknown("nobody registered me"); }
void ThrowNumber() { throw 7; }
int OddOnly(int x) {
  if (x % 2 == 0) throw std::domain_error(std::to_string(x) + " is even");
  return x;
}

// Its bytes cannot be made.
struct Stubborn {
  bool can = true;
  template <typename Archive>
  void save(Archive& archive) const {
    if (!can) throw std::runtime_error("I don't want to travel");
    archive(can);
  }
  template <typename Archive>
  void load(Archive& archive) {
    archive(can);
  }
};
bool TakeStubborn(const Stubborn& stubborn) { return stubborn.can; }
Stubborn GiveStubborn(bool can) { return {can}; }

// ---- Both kinds of workers ----

class ProcessPools : public testing::TestWithParam<WorkerStart> {
 protected:
  ProcessPoolOptions Options(int workers) const {
    return {.max_workers = workers, .start = GetParam()};
  }
};

INSTANTIATE_TEST_SUITE_P(Start, ProcessPools,
                         testing::Values(WorkerStart::kFork, WorkerStart::kSpawn),
                         [](const auto& info) {
                           return info.param == WorkerStart::kFork ? "Fork" : "Spawn";
                         });

TEST_P(ProcessPools, GiveTheResultOfAFunction) {
  ProcessPool pool(Options(2));
  Future<int> square = pool.Submit<Square>(12);
  Future<void> nothing = pool.Submit<Nothing>();
  Future<std::map<std::string, int>> lengths =
      pool.Submit<Lengths>(std::vector<std::string>{"a", "bcd"});
  EXPECT_EQ(square.Get(), 144);
  nothing.Get();
  EXPECT_EQ(lengths.Get(), (std::map<std::string, int>{{"a", 1}, {"bcd", 3}}));
}

TEST_P(ProcessPools, WorkInOtherProcesses) {
  ProcessPool pool(Options(1));
  const int pid = pool.Submit<Pid>().Get();
  EXPECT_NE(pid, getpid());
  EXPECT_EQ(pool.Submit<Pid>().Get(), pid);
  ASSERT_EQ(pool.workers().size(), 1u);
  EXPECT_EQ(pool.workers()[0].pid, pid);
}

TEST_P(ProcessPools, NameTheirWorkers) {
  ProcessPool pool(Options(1));
  const std::string name = GetParam() == WorkerStart::kFork ? "ForkProcess-1" : "SpawnProcess-1";
  EXPECT_EQ(pool.Submit<Name>().Get(), name);
  ProcessPoolOptions options = Options(1);
  options.name = "sorter";
  ProcessPool named(options);
  EXPECT_EQ(named.Submit<Name>().Get(), "sorter-1");
}

TEST_P(ProcessPools, CopyTheirArguments) {
  ProcessPool pool(Options(1));
  const std::vector<int> numbers = {1, 2, 3};
  EXPECT_EQ(pool.Submit<Doubled>(numbers).Get(), (std::vector<int>{2, 4, 6}));
  EXPECT_EQ(numbers, (std::vector<int>{1, 2, 3}));
}

TEST_P(ProcessPools, SendWhatIsLargeInBothDirections) {
  ProcessPool pool(Options(2));
  const std::vector<int> large(3'000'000, 1);  // 12 MB
  Future<long> sum = pool.Submit<Sum>(large);
  Future<std::vector<int>> numbers = pool.Submit<Numbers>(3'000'000);
  EXPECT_EQ(sum.Get(), 3'000'000);
  EXPECT_EQ(numbers.Get(), std::vector<int>(3'000'000, 7));
  // Just below and above what fits into a message.
  for (const std::size_t size : {32'700u, 32'760u, 32'766u, 32'800u}) {
    EXPECT_EQ(pool.Submit<Doubled>(std::vector<int>(size, 4)).Get(), std::vector<int>(size, 8));
  }
}

TEST_P(ProcessPools, ShareMemoryWithoutACopy) {
  const int before = OpenDescriptors();
  {
    ProcessPool pool(Options(1));
    const SharedArray<int> numbers(1000);
    pool.Submit<Fill>(numbers, 5).Get();
    EXPECT_EQ(numbers[0] + numbers[999], 10);
    SharedArray<int> made = pool.Submit<MakeShared>(10).Get();
    EXPECT_EQ(made.size(), 10u);
    EXPECT_EQ(made[0], 42);
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

// Futures outlive what is read of their exceptions: ThreadSanitizer sees the owners of a future
// being counted, and not those of an exception.

// K03
TEST_P(ProcessPools, AnExceptionArrivesWithItsTypeItsTextAndItsPlace) {
  ProcessPool pool(Options(1));
  const Future<int> future = pool.Submit<ParsePositive>(std::string());
  try {
    future.Get();
    FAIL() << "nothing was thrown";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "nothing to parse");
    EXPECT_EQ(RemotePlace(error), "process_pool_test.cc:" + std::to_string(PlaceOfParsePositive()) +
                                      " in " + pool.workers()[0].name);
  }
  EXPECT_EQ(pool.Submit<Square>(3).Get(), 9);  // the pool stays usable
}

TEST_P(ProcessPools, AThrowInTheStandardLibraryHasThePlaceOfItsCaller) {
  ProcessPool pool(Options(1));
  const Future<int> future = pool.Submit<ParsePositive>(std::string("12345"));
  try {
    future.Get();
    FAIL() << "nothing was thrown";
  } catch (const std::out_of_range& error) {
    EXPECT_EQ(RemotePlace(error).find("process_pool_test.cc:" +
                                      std::to_string(PlaceOfParsePositive() + 1)),
              0u)
        << RemotePlace(error);
  }
}

TEST_P(ProcessPools, ARegisteredExceptionHasItsMembers) {
  ProcessPool pool(Options(1));
  const Future<int> future = pool.Submit<ThrowWrongDigit>(8);
  try {
    future.Get();
    FAIL() << "nothing was thrown";
  } catch (const WrongDigit& error) {
    EXPECT_EQ(error.digit, 8);
    EXPECT_EQ(error.where, "in the second line");
  }
}

TEST_P(ProcessPools, OtherExceptionsAreToldByTypeAndText) {
  ProcessPool pool(Options(1));
  const Future<void> future = pool.Submit<ThrowUnknown>();
  try {
    future.Get();
    FAIL() << "nothing was thrown";
  } catch (const RemoteError& error) {
    EXPECT_NE(error.type().find("Unknown"), std::string::npos);
    EXPECT_EQ(error.text(), "nobody registered me");
    EXPECT_EQ(error.place().find("process_pool_test.cc:"), 0u) << error.place();
    EXPECT_EQ(RemotePlace(error), error.place());
  }
  const Future<void> other = pool.Submit<ThrowNumber>();
  try {
    other.Get();
    FAIL() << "nothing was thrown";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.type(), "int");
  }
}

// K05
TEST_P(ProcessPools, WhatCannotBeMadeBytesFailsAloneAndTheOthersGoOn) {
  ProcessPool pool(Options(1));
  Future<bool> before = pool.Submit<TakeStubborn>(Stubborn{true});
  Future<bool> there = pool.Submit<TakeStubborn>(Stubborn{false});
  Future<Stubborn> back = pool.Submit<GiveStubborn>(false);
  Future<bool> after = pool.Submit<TakeStubborn>(Stubborn{true});
  EXPECT_TRUE(before.Get());
  EXPECT_THROW(there.Get(), std::runtime_error);
  EXPECT_THROW(back.Get(), std::runtime_error);
  EXPECT_TRUE(after.Get());
}

TEST_P(ProcessPools, MapGivesResultsInOrder) {
  ProcessPool pool(Options(2));
  std::vector<int> inputs, squares;
  for (int i = 0; i < 100; ++i) {
    inputs.push_back(i);
    squares.push_back(i * i);
  }
  for (const std::size_t chunk : {1u, 7u, 100u, 1000u}) {
    std::vector<int> results;
    for (int result : pool.Map<Square>(inputs, {.chunk = chunk})) {
      results.push_back(result);
    }
    EXPECT_EQ(results, squares) << chunk;
  }
  EXPECT_THROW(pool.Map<Square>(inputs, {.chunk = 0}), std::invalid_argument);
}

TEST_P(ProcessPools, MapThrowsInThePlaceOfTheInputThatFailed) {
  ProcessPool pool(Options(2));
  std::vector<int> results;
  auto all = pool.Map<OddOnly>(std::vector<int>{1, 3, 4, 5}, {.chunk = 4});
  try {
    for (int result : all) results.push_back(result);
    FAIL() << "nothing was thrown";
  } catch (const std::domain_error& error) {
    EXPECT_STREQ(error.what(), "4 is even");
  }
  EXPECT_EQ(results, (std::vector<int>{1, 3}));
}

TEST_P(ProcessPools, RunTwoJobsAtOnce) {
  ProcessPool pool(Options(2));
  const Gate arrived = Gate::Make(0);
  Future<int> one = pool.Submit<Meet>(arrived), other = pool.Submit<Meet>(arrived);
  EXPECT_NE(one.Get(), other.Get());
}

// K13
TEST_P(ProcessPools, NeverHaveMoreProcessesThanMaxWorkers) {
  ProcessPool pool(Options(2));
  std::vector<Future<int>> pids;
  for (int i = 0; i < 40; ++i) pids.push_back(pool.Submit<Pid>());
  std::set<int> different;
  for (const Future<int>& pid : pids) different.insert(pid.Get());
  EXPECT_LE(different.size(), 2u);
  EXPECT_LE(pool.workers().size(), 2u);
}

TEST_P(ProcessPools, AQueuedJobCanBeCancelledAndARunningOneNot) {
  ProcessPool pool(Options(1));
  const Gate gate = Gate::Make(0);
  Future<void> running = pool.Submit<PassGate>(gate);
  Future<int> queued = pool.Submit<Square>(3);
  EXPECT_EQ(pool.queued_jobs(), 1u);
  EXPECT_FALSE(running.Cancel());
  EXPECT_TRUE(queued.Cancel());
  *gate = 1;
  running.Get();
  EXPECT_THROW(queued.Get(), Cancelled);
  EXPECT_EQ(pool.Submit<Square>(4).Get(), 16);
}

TEST_P(ProcessPools, OneOfAChunkCanBeCancelled) {
  ProcessPool pool(Options(1));
  const Gate gate = Gate::Make(0);
  Future<void> running = pool.Submit<PassGate>(gate);
  { auto dropped = pool.Map<Square>(std::vector<int>{1, 2}, {.chunk = 2}); }  // which cancels both
  Future<int> after = pool.Submit<Square>(4);
  *gate = 1;
  EXPECT_EQ(after.Get(), 16);
}

// K14
TEST_P(ProcessPools, ShutdownWaitsForQueuedWorkAndReapsEveryProcess) {
  std::vector<Future<int>> results;
  {
    ProcessPool pool(Options(2));
    for (int i = 0; i < 20; ++i) results.push_back(pool.Submit<Square>(i));
    pool.Shutdown();
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(results[static_cast<std::size_t>(i)].done());
    EXPECT_THROW(pool.Submit<Square>(1), std::logic_error);
    EXPECT_TRUE(pool.workers().empty());
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
    pool.Shutdown();
  }
  EXPECT_EQ(results[7].Get(), 49);
}

TEST_P(ProcessPools, ShutdownWithoutWaitingReturnsAtOnceAndTheWorkIsStillDone) {
  Future<int> first, second;
  {
    ProcessPool pool(Options(1));
    const Gate gate = Gate::Make(0);
    first = pool.Submit<PassAndSquare>(gate, 3);
    second = pool.Submit<PassAndSquare>(gate, 4);
    pool.Shutdown({.wait = false});
    EXPECT_FALSE(first.done());
    *gate = 1;
  }
  EXPECT_EQ(first.Get(), 9);
  EXPECT_EQ(second.Get(), 16);
}

TEST_P(ProcessPools, ShutdownCanCancelWhatIsQueued) {
  ProcessPool pool(Options(1));
  const Gate gate = Gate::Make(0);
  Future<int> running = pool.Submit<PassAndSquare>(gate, 3);
  Future<int> queued = pool.Submit<PassAndSquare>(gate, 4);
  pool.Shutdown({.wait = false, .cancel_queued = true});
  EXPECT_TRUE(queued.cancelled());
  *gate = 1;
  EXPECT_EQ(running.Get(), 9);
  pool.Shutdown();
}

// Opens the gate, on which `future`'s job waits, when it has a callback that does both.
void ExpectThatACallbackMaySubmitButNotWaitForTheEnd(ProcessPool& pool, const Future<int>& future,
                                                     const Gate& gate, int chained_square) {
  Promise<std::string> said;
  Future<int> chained;
  future.AddDoneCallback([&](const Future<int>& done) {
    chained = pool.Submit<Square>(done.Get() + 1);
    try {
      pool.Shutdown();
      said.SetValue("it waited");
    } catch (const std::logic_error& error) {
      said.SetValue(error.what());
    }
  });
  *gate = 1;
  EXPECT_NE(said.GetFuture().Get().find("callback"), std::string::npos);
  EXPECT_EQ(chained.Get(), chained_square);
}

TEST_P(ProcessPools, ACallbackMaySubmitButNotWaitForTheEnd) {
  ProcessPool pool(Options(1));
  const Gate gate = Gate::Make(0);
  const Future<int> future = pool.Submit<PassAndSquare>(gate, 2);
  ExpectThatACallbackMaySubmitButNotWaitForTheEnd(pool, future, gate, 25);
}

TEST_P(ProcessPools, NeitherMayOneThatComesWhileAThreadIsInGet) {
  ProcessPool pool(Options(1));
  const Gate gate = Gate::Make(0);
  const Future<int> future = pool.Submit<PassAndSquare>(gate, 3);
  std::thread waits([&] { EXPECT_EQ(future.Get(60s), 9); });
  ExpectThatACallbackMaySubmitButNotWaitForTheEnd(pool, future, gate, 100);
  waits.join();
}

TEST_P(ProcessPools, ManyJobsAtOneWorkerAreAllDone) {
  ProcessPoolOptions options = Options(2);
  options.jobs_at_a_worker = 32;
  ProcessPool pool(options);
  std::vector<Future<long>> sums;
  for (int i = 0; i < 200; ++i) {  // more than the sockets have room for
    sums.push_back(pool.Submit<Sum>(std::vector<int>(20'000, i)));
  }
  for (int i = 0; i < 200; ++i) EXPECT_EQ(sums[static_cast<std::size_t>(i)].Get(), 20'000L * i);
}

TEST_P(ProcessPools, TasksAwaitThem) {
  int sum = 0;
  auto main = [&]() -> Task<void> {
    ProcessPool pool(Options(2));
    auto [nine, sixteen] =
        co_await Gather(WrapFuture(pool.Submit<Square>(3)), WrapFuture(pool.Submit<Square>(4)));
    sum = nine + sixteen;
    try {
      co_await WrapFuture(pool.Submit<OddOnly>(2));
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::domain_error&) {
    }
    const Gate gate = Gate::Make(0);
    Future<void> running = pool.Submit<PassGate>(gate), second = pool.Submit<PassGate>(gate);
    Future<int> queued = pool.Submit<Square>(5);
    AsyncFuture<int> wait = WrapFuture(queued);
    wait.Cancel();
    try {
      co_await wait;
      ADD_FAILURE() << "it was not cancelled";
    } catch (const TaskCancelled&) {
    }
    co_await SleepFor(0s);  // it hears of it in the loop's next turn
    EXPECT_TRUE(queued.cancelled());
    *gate = 1;
    co_await WrapFuture(running);
    co_await WrapFuture(second);
  };
  interleave::Run(main());
  EXPECT_EQ(sum, 25);
}

TEST_P(ProcessPools, LeaveNeitherDescriptorsNorThreads) {
  const auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                         std::filesystem::directory_iterator());
  };
  const int before = OpenDescriptors();
  const auto threads_before = threads();
  for (int i = 0; i < 5; ++i) {
    ProcessPool pool(Options(2));
    pool.Submit<Square>(1).Get();
  }
  EXPECT_EQ(OpenDescriptors(), before);
  // The kernel lets a thread be joined a moment before it takes it off its list.
  const auto soon = std::chrono::steady_clock::now() + 10s;
  while (threads() != threads_before && std::chrono::steady_clock::now() < soon) {
    std::this_thread::yield();
  }
  EXPECT_EQ(threads(), threads_before);
}

// ---- What is different ----

// K11
TEST(ProcessPool, AWorkerEndsAfterItsShareOfJobs) {
  ProcessPool pool({.max_workers = 1, .start = WorkerStart::kSpawn, .max_jobs_per_worker = 3});
  std::vector<int> pids;
  for (int i = 0; i < 4; ++i) pids.push_back(pool.Submit<Pid>().Get());
  EXPECT_EQ(pids[0], pids[1]);
  EXPECT_EQ(pids[1], pids[2]);
  EXPECT_NE(pids[2], pids[3]);
}

TEST(ProcessPool, ForkedWorkersHaveNoShare) {
  EXPECT_THROW(ProcessPool({.max_workers = 1, .max_jobs_per_worker = 3}), std::invalid_argument);
}

TEST(ProcessPool, QueuedWorkSurvivesAnEarlyShutdownAlsoWithShares) {
  std::vector<Future<int>> pids;
  {
    ProcessPool pool({.max_workers = 2, .start = WorkerStart::kSpawn, .max_jobs_per_worker = 1});
    for (int i = 0; i < 6; ++i) pids.push_back(pool.Submit<Pid>());
    pool.Shutdown({.wait = false});
  }
  std::set<int> different;
  for (const Future<int>& pid : pids) different.insert(pid.Get());
  EXPECT_EQ(different.size(), 6u);
}

TEST(ProcessPool, HasAsManyWorkersAsThisProcessMayUseCpus) {
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  EXPECT_EQ(ProcessPool().max_workers(), CPU_COUNT(&allowed));
}

TEST(ProcessPool, OptionsThatMakeNoSenseAreRefused) {
  EXPECT_THROW(ProcessPool(0), std::invalid_argument);
  EXPECT_THROW(ProcessPool({.max_workers = 1, .jobs_at_a_worker = 0}), std::invalid_argument);
}

TEST(ProcessPool, AForkThatHasACopyDoesNotWaitForTheWorkers) {
  auto pool = std::make_unique<ProcessPool>(1);
  Process child = Process::Fork([&] {
    pool.reset();
    return 5;
  });
  EXPECT_EQ(child.Wait().code, 5);
  EXPECT_EQ(pool->Submit<Square>(2).Get(), 4);
}

// ---- the process's exit ----

// What a job prints a moment after exit was called.
void PrintApple() {
  std::this_thread::sleep_for(20ms);
  std::fprintf(stderr, "apple\n");
}

TEST(ProcessPoolExitDeathTest, WaitsForTheJobsOfAPoolThatStands) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        ProcessPool pool(1);
        for (int i = 0; i < 3; ++i) pool.Submit<PrintApple>();
        std::exit(0);
      },
      testing::ExitedWithCode(0), "apple\napple\napple");
}

bool of_a_forked_child = false;

// LeakSanitizer, where it is linked, asks this before it looks. In a forked child it would take
// what only the stacks of the parent's other threads point to for lost.
}  // namespace
}  // namespace interleave
extern "C" int __lsan_is_turned_off();
extern "C" int __lsan_is_turned_off() { return interleave::of_a_forked_child ? 1 : 0; }
namespace interleave {
namespace {

TEST(ProcessPoolExitDeathTest, OfAForkedChildWaitsForNothing) {
  testing::FLAGS_gtest_death_test_style = "fast";  // the child of a process that has a pool
  const Gate gate = Gate::Make(0);
  ProcessPool pool(1);
  const Future<void> held = pool.Submit<PassGate>(gate);
  EXPECT_EXIT(
      {
        of_a_forked_child = true;
        std::exit(4);
      },
      testing::ExitedWithCode(4), "");
  *gate = 1;
}

}  // namespace
}  // namespace interleave

int main(int argc, char** argv) {
  interleave::ServeIfWorker(argc, argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
