// Lab 18: a job that waits for a job of its own pool.
//
// It holds a worker meanwhile. When all workers wait like that, nobody is left to run what they
// wait for.
#include <latch>
#include <string>
#include <vector>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/future.h"
#include "runtime/threads/future_errors.h"
#include "runtime/threads/thread_pool.h"

using interleave::Future;
using interleave::ThreadPool;

namespace {

int Inner() { return 1; }

std::string Told(const std::vector<Future<int>>& futures) {
  for (const Future<int>& future : futures) {
    try {
      future.Get();
    } catch (const interleave::WouldDeadlock& error) {
      interleave::Print(error.what());
      return "told";
    }
  }
  return "done";
}

std::string WaitsForOwnPool(int workers) {
  ThreadPool pool(workers, "worker");
  const auto outer = [&pool] { return pool.Submit(Inner).Get(); };
  std::vector<Future<int>> futures;
  for (int i = 0; i < workers; ++i) futures.push_back(pool.Submit(outer));
  return Told(futures);
}

std::string WaitsUnseen() {
  std::latch outer_done(1), inner_done(1);
  ThreadPool pool(1, "worker");
  pool.Submit([&] {
    pool.Submit([&] { inner_done.count_down(); });
    inner_done.wait();
    outer_done.count_down();
  });
  outer_done.wait();
  return "done";
}

// The cure: a job hands on what it started, and whoever is no worker waits for it.
std::string HandsItOn() {
  ThreadPool pool(1, "worker");
  const auto outer = [&pool] { return pool.Submit(Inner); };
  const Future<Future<int>> future = pool.Submit(outer);
  return Told({future.Get()});
}

}  // namespace

void AddOwnPool(interleave::Lab& lab) {
  lab.Scenario("own_pool", [] { return WaitsForOwnPool(1); })
      .Says("a job waits for a job that is queued behind it, on the only worker")
      .Outcome("told", "the wait that would have lasted for ever threw WouldDeadlock instead.")
      .ShowsCensus("random:1000");
  lab.Scenario("own_pool_of_two", [] { return WaitsForOwnPool(2); })
      .Says("two such jobs on two workers")
      .Outcomes({"told", "done"})
      .ShowsCensus("random:1000");
  lab.Scenario("unseen", WaitsUnseen)
      .Says("the same, waiting by a std::latch")
      .Outcome("deadlock")
      .ShowsOutcome("deadlock");
  lab.Scenario("hands_it_on", HandsItOn)
      .Says("cure: the job gives away the inner future, and main waits for it")
      .Outcome("done")
      .ShowsCensus("random:1000");
}
