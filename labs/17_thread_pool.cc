// Lab 17: thread pool
//
// How do few threads do many jobs?
//
// A thread for every job is simple, and it ends badly. A thread takes memory for its stack and a
// place in the kernel's table, and the thousandth or the thirty thousandth is refused. Long before
// that the server on the other side has had enough of us. A pool has a fixed number of threads, its
// workers, and a queue of jobs. A job that finds all workers taken waits in the queue for the first
// that is free; the number of jobs at work never exceeds the number of workers.
//
// Run it:     bazel run //labs:17_thread_pool
//
// Notice:     Six queries of a second each: six threads take 1 s, two workers 3 s. The pool has not
//             made anything faster. It has bounded what happens at once ("peak").
//
//             Workers are started on demand and used again: the timeline has two of them for all
//             jobs. Without sleeping, some schedules let one worker do everything; none ever has
//             three jobs at work.
//
//             exhausted runs in a process of its own, which is allowed little memory, so it breaks
//             nothing else. The refusal is an exception, std::system_error; nothing is lost, and
//             when threads have ended new ones can be started. The pool does a thousand jobs within
//             the same limit.
//
// Try:        --scenario=S4.10: what if max_workers is 1?
//             --scenario=exhausted, and the same with --real
//             kWorkers = 3: how long do six queries take, and why not 4 s / 3?
//
// Next:       18_pool_exhaustion
#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"
#include "runtime/threads/thread_pool.h"

// Their scenarios, in 17_thread_pool_articles.cc and 17_thread_pool_exhausted.cc.
void AddArticles(interleave::Lab& lab);
void AddExhausted(interleave::Lab& lab);

namespace {

constexpr int kWorkers = 2;

std::mutex at_work_mutex;
int at_work, peak, answers;

void Query(std::chrono::seconds duration) {
  {
    std::lock_guard<std::mutex> lock(at_work_mutex);
    peak = std::max(peak, ++at_work);
  }
  std::this_thread::sleep_for(duration);  // the database's answer
  std::lock_guard<std::mutex> lock(at_work_mutex);
  --at_work;
  ++answers;
}

std::string ThreadEach() {
  at_work = peak = answers = 0;
  std::vector<std::thread> threads;
  for (int i = 1; i <= 6; ++i) {
    threads.emplace_back([i] {
      interleave::SetThreadName("query-" + std::to_string(i));
      Query(std::chrono::seconds(1));
    });
  }
  for (std::thread& thread : threads) thread.join();
  interleave::Log("peak " + std::to_string(peak));
  return std::to_string(answers) + " answers";
}

std::string Pool() {
  at_work = peak = answers = 0;
  interleave::ThreadPool pool(kWorkers, "worker");
  for (int i = 1; i <= 6; ++i) pool.Submit(Query, std::chrono::seconds(1));
  pool.Shutdown();
  interleave::Log("peak " + std::to_string(peak));
  return std::to_string(answers) + " answers" + (peak > 2 ? ", more than two at once" : "");
}

std::string QuickJobs() {
  at_work = peak = answers = 0;
  interleave::ThreadPool pool(kWorkers, "worker");
  for (int i = 1; i <= 3; ++i) pool.Submit(Query, std::chrono::seconds(0));
  pool.Shutdown();
  return std::to_string(answers) + " answers, peak " + std::to_string(peak);
}

}  // namespace

int main(int argc, char** argv) {
  using std::chrono::seconds;
  interleave::Lab lab("17_thread_pool", "Thread pool: how do few threads do many jobs?");
  lab.Scenario("thread_each", ThreadEach)
      .Says("six queries of 1 s, a thread for each: 1 s, and all six at once")
      .Outcome("6 answers")
      .ShowsTimeline();
  lab.Scenario("pool", Pool)
      .Says("the same on a pool of two workers: 3 s, and never more than two")
      .Outcome("6 answers")
      .Takes(seconds(3))
      .ShowsTimeline();
  lab.Scenario("quick_jobs", QuickJobs)
      .Says("three jobs that take no time, on two workers: how many are at work at once?")
      .Outcomes({"3 answers, peak 1", "3 answers, peak 2"})
      .ShowsCensus("random:1000");
  AddArticles(lab);
  AddExhausted(lab);
  lab.Notice(
      "A pool makes nothing faster. It bounds what happens at once, and it uses its threads again. "
      "A thread per call has no bound but the system's, and meets it as an exception.");
  lab.Try("--scenario=S4.10; --scenario=exhausted --real; --scenario=pool with kWorkers = 3.");
  lab.Next("18_pool_exhaustion");
  return lab.Main(argc, argv);
}
