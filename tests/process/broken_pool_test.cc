// tests/process/broken_pool_test.cc
//
// Workers that end when they should not: every future ends, every process is reaped, and the
// program goes on.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/process/process_pool.h"
#include "runtime/process/shared_memory.h"
#include "runtime/process/worker_main.h"
#include "tests/process/open_descriptors.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

int Square(int x) { return x * x; }
void Wait() {
  for (;;) pause();
}
void KillMyself(int signal) {
  std::signal(signal, SIG_DFL);  // a sanitizer has one of its own
  raise(signal);
}
void Exit(int status) { _exit(status); }
void ExitAsAProgram(int status) { std::exit(status); }

int SocketToTheParent() {
  for (int fd = 3; fd < 256; ++fd) {
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0) return fd;
  }
  return -1;
}
void CloseTheConnection() {
  close_range(3, ~0u, 0);
  Wait();
}
void WriteHalfAMessage() {
  send(SocketToTheParent(), "half of", 7, 0);
  Wait();
}
void WriteAMessageWithoutItsBody() {
  const std::vector<std::uint64_t> header = {3, 0, 1'000};
  send(SocketToTheParent(), header.data(), header.size() * 8, 0);
  Wait();
}
// The worker ends, and a child of its own still has its descriptors.
using Gate = Shared<std::atomic<int>>;
void LeaveAChild(const Gate& gate) {
  if (fork() == 0) {
    for (int i = 0; i < 60'000 && *gate == 0; ++i) usleep(1'000);
    _exit(0);
  }
  raise(SIGKILL);
}
long Sum(const std::vector<int>& numbers) {
  long sum = 0;
  for (const int number : numbers) sum += number;
  return sum;
}
void Sleep(int microseconds) { usleep(static_cast<unsigned>(microseconds)); }

// What `submit` breaks ends all futures with the same words.
template <typename Submit>
BrokenProcessPool Broken(ProcessPool& pool, Submit submit) {
  Future<void> first = submit();
  std::thread in_get_from_the_beginning(
      [first] { EXPECT_THROW(first.Get(60s), BrokenProcessPool); });
  std::vector<Future<int>> queued;
  for (int i = 0; i < 3; ++i) {
    try {
      queued.push_back(pool.Submit<Square>(i));
    } catch (const BrokenProcessPool&) {  // it is so already
    }
  }
  in_get_from_the_beginning.join();
  for (const Future<int>& future : queued) {
    if (future.Wait(60s)) continue;
    ADD_FAILURE() << "a queued job waits for ever";
    return BrokenProcessPool("", 0, "", "waits for ever", 0);
  }
  try {
    first.Get(60s);
  } catch (const BrokenProcessPool& error) {
    EXPECT_THROW(pool.Submit<Square>(1), BrokenProcessPool);
    pool.Shutdown();
    EXPECT_TRUE(pool.workers().empty());
    return error;
  }
  ADD_FAILURE() << "the job came to its end";
  return BrokenProcessPool("", 0, "", "ended well", 0);
}

class BrokenPools : public testing::TestWithParam<WorkerStart> {
 protected:
  ProcessPoolOptions Options(int workers) const {
    return {.max_workers = workers, .start = GetParam()};
  }
  void TearDown() override {
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);  // no zombie, no process
    EXPECT_EQ(errno, ECHILD);
    EXPECT_EQ(OpenDescriptors(), descriptors_before_);
  }

 private:
  const int descriptors_before_ = OpenDescriptors();
};

INSTANTIATE_TEST_SUITE_P(Start, BrokenPools,
                         testing::Values(WorkerStart::kFork, WorkerStart::kSpawn),
                         [](const auto& info) {
                           return info.param == WorkerStart::kFork ? "Fork" : "Spawn";
                         });

// K01
TEST_P(BrokenPools, AKilledWorkerIsNamedWithItsSignal) {
  ProcessPool pool(Options(1));
  Future<void> waits = pool.Submit<Wait>();
  const WorkerProcess worker = pool.workers().at(0);
  kill(worker.pid, SIGKILL);
  const BrokenProcessPool error = Broken(pool, [&] { return waits; });
  EXPECT_EQ(error.worker(), worker.name);
  EXPECT_EQ(error.pid(), worker.pid);
  EXPECT_EQ(error.signal(), "SIGKILL");
  EXPECT_EQ(std::string(error.what())
                .find("worker " + worker.name + " (process " + std::to_string(worker.pid) +
                      ") was ended by SIGKILL; "),
            0u)
      << error.what();
}

TEST_P(BrokenPools, AnIdleWorkerThatIsKilledIsNoticed) {
  ProcessPool pool(Options(2));
  pool.Submit<Square>(2).Get();
  kill(pool.workers().at(0).pid, SIGKILL);
  for (bool broken = false; !broken; std::this_thread::yield()) {
    try {
      pool.Submit<Square>(2).Wait();
    } catch (const BrokenProcessPool& error) {
      EXPECT_EQ(error.signal(), "SIGKILL");
      broken = true;
    }
  }
}

// K02
TEST_P(BrokenPools, ACrashIsNamedByItsSignal) {
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGINT}) {
    ProcessPool pool(Options(2));
    EXPECT_EQ(Broken(pool, [&] { return pool.Submit<KillMyself>(signal); }).signal(),
              SignalName(signal));
  }
}

TEST_P(BrokenPools, AWorkerThatExitsIsNamedWithItsStatus) {
  ProcessPool pool(Options(1));
  const BrokenProcessPool error = Broken(pool, [&] { return pool.Submit<Exit>(3); });
  EXPECT_EQ(error.signal(), "");
  EXPECT_NE(std::string(error.what()).find("exited with status 3"), std::string::npos);
}

// Also with success, and also by the way of atexit and destructors.
TEST_P(BrokenPools, ExitInTheMidstOfAJobIsNoSuccess) {
  ProcessPool pool(Options(1));
  const BrokenProcessPool error = Broken(pool, [&] { return pool.Submit<ExitAsAProgram>(0); });
  EXPECT_NE(std::string(error.what()).find("exited with status 0"), std::string::npos);
}

TEST_P(BrokenPools, AClosedConnectionIsNoHang) {
  ProcessPool pool(Options(1));
  const BrokenProcessPool error = Broken(pool, [&] { return pool.Submit<CloseTheConnection>(); });
  EXPECT_NE(std::string(error.what()).find("has closed its connection"), std::string::npos);
}

TEST_P(BrokenPools, HalfAMessageIsNoHang) {
  ProcessPool first(Options(1)), second(Options(1));
  for (const BrokenProcessPool& error :
       {Broken(first, [&] { return first.Submit<WriteHalfAMessage>(); }),
        Broken(second, [&] { return second.Submit<WriteAMessageWithoutItsBody>(); })}) {
    EXPECT_NE(std::string(error.what()).find("no whole message"), std::string::npos);
  }
}

TEST_P(BrokenPools, AWorkersChildThatKeepsItsSocketIsNoHang) {
  const Gate gate = Gate::Make(0);
  ProcessPool pool(Options(1));
  EXPECT_EQ(Broken(pool, [&] { return pool.Submit<LeaveAChild>(gate); }).signal(), "SIGKILL");
  *gate = 1;
}

// Each of them reads its own worker's answers, and only one worker is killed.
TEST_P(BrokenPools, AKilledWorkerEndsTheWaitOfThoseInGet) {
  ProcessPool pool(Options(2));
  const std::vector<Future<void>> jobs = {pool.Submit<Wait>(), pool.Submit<Wait>()};
  std::vector<std::thread> threads;
  for (const Future<void>& job : jobs) {
    threads.emplace_back([job] { EXPECT_THROW(job.Get(60s), BrokenProcessPool); });
  }
  kill(pool.workers().at(1).pid, SIGKILL);
  for (std::thread& thread : threads) thread.join();
}

TEST_P(BrokenPools, SayHowManyJobsAreLost) {
  ProcessPool pool(Options(1));
  Future<void> waits = pool.Submit<Wait>();
  std::vector<int> inputs = {1, 2, 3, 4};
  auto results = pool.Map<Square>(inputs, {.chunk = 2});
  kill(pool.workers().at(0).pid, SIGKILL);
  try {
    waits.Get();
  } catch (const BrokenProcessPool& error) {
    EXPECT_EQ(error.lost_jobs(), 5u);
    EXPECT_NE(std::string(error.what()).find("; 5 jobs are lost"), std::string::npos);
  }
}

// ---- Whenever they are killed ----

std::ptrdiff_t SharedFiles() {
  return std::distance(std::filesystem::directory_iterator("/dev/shm"),
                       std::filesystem::directory_iterator());
}

TEST(KilledAtAnyMoment, EveryFutureEndsAndNothingStays) {
  constexpr int kKilled = 500;
  const int descriptors = OpenDescriptors();
  const std::ptrdiff_t shared_files = SharedFiles();
  std::mt19937 random(20'26);
  const auto upto = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  int broken = 0, values = 0, errors = 0;
  for (int round = 0; round < kKilled; ++round) {
    ProcessPool pool({.max_workers = 1 + upto(2), .jobs_at_a_worker = 1 + upto(3)});
    const WorkerProcess victim =
        pool.workers().at(static_cast<std::size_t>(upto(pool.max_workers() - 1)));
    std::thread killer([pid = victim.pid, after = upto(3'000)] {
      std::this_thread::sleep_for(std::chrono::microseconds(after));
      kill(pid, SIGKILL);
    });
    std::vector<Future<long>> sums;
    std::vector<Future<void>> sleeps;
    try {
      for (int job = 0; job < 20; ++job) {
        const int size = upto(9) == 0 ? 100'000 : upto(1'000);  // the large ones in shared memory
        sums.push_back(pool.Submit<Sum>(std::vector<int>(static_cast<std::size_t>(size), 1)));
        sleeps.push_back(pool.Submit<Sleep>(upto(300)));
      }
    } catch (const BrokenProcessPool& error) {
      EXPECT_EQ(error.pid(), victim.pid);
      ++broken;
    }
    const auto end = [&](const auto& future) {
      ASSERT_TRUE(future.Wait(60s)) << "round " << round << ": a future has no end";
      try {
        future.Get();
        ++values;
      } catch (const BrokenProcessPool& error) {
        EXPECT_EQ(error.signal(), "SIGKILL") << error.what();
        ++errors;
      }
    };
    for (const Future<long>& sum : sums) end(sum);
    for (const Future<void>& sleep : sleeps) end(sleep);
    killer.join();  // before the pool: the number may be somebody else's after it
  }
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(OpenDescriptors(), descriptors);
  EXPECT_EQ(SharedFiles(), shared_files);
  // They were hit in the midst of it, and not always.
  EXPECT_GT(values, 1'000);
  EXPECT_GT(errors, 1'000);
  RecordProperty("pools_that_broke_while_jobs_were_submitted", broken);
}

}  // namespace
}  // namespace interleave

int main(int argc, char** argv) {
  interleave::ServeIfWorker(argc, argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
