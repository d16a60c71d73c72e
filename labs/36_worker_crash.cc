// Lab 36: a worker crashes
//
// What becomes of the others when one of them dies?
//
// A thread that crashes takes the whole program along. A worker process takes its own memory along,
// and the program goes on, if somebody tells it: who waits for a result that nobody will send would
// wait for ever. The pool sees its workers' ends. What was queued or running then fails with
// BrokenProcessPool, which says who died and of what; the other workers are killed, and the pool
// takes no more jobs.
//
// Run it:     bazel run //labs:36_worker_crash
//
// Notice:     All futures fail, those of jobs that other workers had as well: the pool cannot know
//             what the dead one left half done, and does not guess.
//
//             An exception is no crash. It comes back with its type, its text and the line of the
//             program that threw it, and the pool goes on.
//
//             The program decides what to do about it. Here it makes a new pool and submits once
//             more what has no result. That is right for a job that can be done twice.
//
// Try:        --real --scenario=killed, and kill -9 a worker yourself
//             In killed, ask the pool for one more job.
//             Let Careless(4) throw a type of your own: what arrives? And with RegisterException?
//
// Next:       37_fork_with_threads
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/process/process_pool.h"
#include "runtime/process/shared_memory.h"

namespace {

using interleave::BrokenProcessPool;
using interleave::Compute;
using interleave::Future;
using interleave::Log;
using interleave::ProcessPool;
using namespace std::chrono_literals;

int Square(int number) { return number * number; }

// Not over when the other one dies, however late that is noticed.
int Long(int number) {
  Compute(1h);
  return number;
}

// The out-of-memory killer, an administrator: nobody asks the process.
int IsKilled(int) {
  Compute(1s);
  return std::raise(SIGKILL);
}

int Crashes(int number) {
  Compute(1s);
  int* const volatile nowhere = nullptr;
  *nowhere = number;
  return 0;
}

int Exits(int) {
  Compute(1s);
  std::_Exit(3);
}

void Say(const std::string& job, const BrokenProcessPool& error) {
  const std::string cause = error.signal().empty() ? "without a signal" : "by " + error.signal();
  Log(job + ": broken, " + error.worker() + " has ended " + cause);
}

template <int (*bad)(int)>
std::string WithABadJob() {
  ProcessPool pool(2);
  std::map<std::string, Future<int>> results;
  results["1 good"] = pool.Submit<Square>(3);
  results["1 good"].Wait();
  results["2 bad"] = pool.Submit<bad>(0);
  results["3 running"] = pool.Submit<Long>(4);
  results["4 queued"] = pool.Submit<Square>(5);
  int lost = 0;
  for (const auto& [job, result] : results) {
    try {
      Log(job + ": " + std::to_string(result.Get()));
    } catch (const BrokenProcessPool& error) {
      Say(job, error);
      ++lost;
    }
  }
  try {
    pool.Submit<Square>(6);
  } catch (const BrokenProcessPool&) {
    Log("the pool takes no more jobs");
  }
  return std::to_string(lost) + " of 4 jobs lost";
}

// ---- An exception is no crash ----

int Careless(int number) {
  if (number == 4) throw std::domain_error("I don't like 4");
  return number * number;
}

std::string AnException() {
  ProcessPool pool(1);
  std::vector<Future<int>> results;
  for (int number = 3; number <= 5; ++number) results.push_back(pool.Submit<Careless>(number));
  int done = 0;
  for (const Future<int>& result : results) {
    try {
      Log(std::to_string(result.Get()));
      ++done;
    } catch (const std::domain_error& error) {
      Log(error.what() + std::string(", thrown at ") + interleave::RemotePlace(error));
    }
  }
  return std::to_string(done) + " of 3 jobs done";
}

// ---- Once more ----

using Flag = interleave::Shared<int>;

// Crashes once, and remembers that where all processes see it.
int CrashesOnce(int number, const Flag& crashed) {
  Compute(1s);
  if (number == 2 && *crashed == 0) {
    *crashed = 1;
    std::raise(SIGSEGV);
  }
  return number * number;
}

std::string OnceMore() {
  const Flag crashed = Flag::Make(0);
  std::map<int, int> squares;
  for (int pools = 1; pools <= 3 && squares.size() < 4; ++pools) {
    ProcessPool pool(2);
    std::map<int, Future<int>> results;
    for (int number = 1; number <= 4; ++number) {
      if (!squares.contains(number)) results[number] = pool.Submit<CrashesOnce>(number, crashed);
    }
    for (const auto& [number, result] : results) {
      try {
        squares[number] = result.Get();
      } catch (const BrokenProcessPool& error) {
        Say("square of " + std::to_string(number), error);
      }
    }
    Log(std::to_string(squares.size()) + " of 4 results after pool " + std::to_string(pools));
  }
  return std::to_string(squares.size()) + " of 4 results";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("36_worker_crash", "A worker crashes: what becomes of the others?");
  lab.Scenario("killed", WithABadJob<IsKilled>)
      .Says("four jobs on two workers; the second job's worker is killed after 1 s")
      .Outcome("3 of 4 jobs lost",
               "what had its result is safe; the other three end at once, and say of what.")
      .Takes(10s)
      .ShowsTimeline();
  lab.Scenario("crashes", WithABadJob<Crashes>)
      .Says("the same; the worker writes through a null pointer")
      .Outcome("3 of 4 jobs lost", "the program that waits for it goes on.")
      .Takes(10s);
  lab.Scenario("exits", WithABadJob<Exits>)
      .Says("the same; the job ends the process, and no signal tells of it")
      .Outcome("3 of 4 jobs lost", "an end in the midst of a job is a broken pool as well.")
      .Takes(10s);
  lab.Scenario("exception", AnException)
      .Says("three jobs, of which the second throws")
      .Outcome("2 of 3 jobs done", "the exception belongs to one job, and the pool goes on.");
  lab.Scenario("once_more", OnceMore)
      .Says("a job crashes once; what has no result is given to a new pool")
      .Outcome("4 of 4 results", "the second pool does what the first has lost.")
      .Takes(5s);
  lab.Notice(
      "Nobody waits for a dead worker: all that has no result yet ends with BrokenProcessPool. "
      "What "
      "comes after that is the program's to decide.");
  lab.Try("--real --scenario=killed; one more job; an exception type of your own.");
  lab.Next("37_fork_with_threads");
  return lab.Main(argc, argv);
}
