// Lab 41: work stealing
//
// What does a worker do that has nothing to do?
//
// 64 files are to be searched by four workers. A fixed share each is fair in files and unfair in
// time: whoever gets the big ones works while the others watch. One queue for all is fair, too: who
// is free takes the next job. But it has one door. Laying a job into it and taking one out needs
// its lock, and on a real machine the cache line with that lock travels from core to core; here
// that is said to cost 1 ms. The smaller the jobs are, the more all workers stand at the door.
//
// With work stealing each worker has a queue of its own. It halves its files, lays the second half
// aside for later and goes on with the first, and asks nobody. Only who has nothing left goes to
// another worker's queue, and takes from its far end: the oldest there, and so the largest part.
//
// Run it:     bazel run //labs:41_work_stealing
//
// Notice:     Add up what there is to do: 256 ms, so four workers need 64 ms at least. Each
//             timeline shows what became of the rest: one worker works alone, or all stand at the
//             door, or nearly nothing.
//
//             63 times something was laid aside; few of these parts were stolen. Only those cost
//             a millisecond, and only the thief: nobody else stands at that door.
//
//             Who stole what depends on the schedule. So what is computed must not depend on it.
//
// Try:        Let shared_queue stop at jobs of 8 files (kSmallest = 8 in
//             41_work_stealing_shared_queue.cc). Who wins now, and why not with 16?
//             kDoor = 0: is a shared queue as good then?
//             Make the last 16 files the big ones. Which of the three does not care?
//             --scenario=who_steals --explore=random:10000, and then one of its schedules with
//             --explain: where does a thief find a part, and why not where nobody steals?
//
// Next:       42_creation_cost
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"
#include "runtime/threads/work_stealing_pool.h"

using interleave::Compute;
using std::chrono::milliseconds;

constexpr int kFiles = 64, kWorkers = 4;
constexpr milliseconds kDoor{1};

// In 41_work_stealing_shared_queue.cc.
void SharedQueue(int files, int workers, milliseconds door);

std::mutex counts_mutex;
int searched, stolen;  // guarded by counts_mutex

void Search(int file) {
  const int cost = file < 16 ? 10 : 2;  // the first ones are big
  if (file < kFiles) Compute(milliseconds(cost));
  std::lock_guard<std::mutex> lock(counts_mutex);
  ++searched;
}

namespace {

using interleave::WorkStealingPool;
using std::chrono::steady_clock;

struct Files {
  int first, count;
};

// Each worker has its share from the beginning.
void FixedShares() {
  std::vector<std::thread> workers;
  for (int number = 0; number < kWorkers; ++number) {
    workers.emplace_back([number] {
      interleave::SetThreadName("worker_" + std::to_string(number));
      const int share = kFiles / kWorkers;
      for (int i = 0; i < share; ++i) Search(number * share + i);
    });
  }
  for (std::thread& worker : workers) worker.join();
}

// Each worker has a queue, and who has nothing left steals.
void PayForStealing() {
  Compute(kDoor);
  std::lock_guard<std::mutex> lock(counts_mutex);
  ++stolen;
}

void SearchHalves(WorkStealingPool& pool, Files files) {
  if (files.count == 1) return Search(files.first);
  const Files first{files.first, files.count / 2}, second{files.first + first.count, first.count};
  const std::thread::id owner = std::this_thread::get_id();
  pool.Invoke([&] { SearchHalves(pool, first); },
              [&] {
                if (std::this_thread::get_id() != owner) PayForStealing();
                SearchHalves(pool, second);
              });
}

void Stealing() {
  WorkStealingPool pool(kWorkers);
  pool.Run([&] { SearchHalves(pool, {0, kFiles}); });
}

std::string Timed(void (*search)()) {
  searched = stolen = 0;
  const auto began = steady_clock::now();
  search();
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
  interleave::Log(std::to_string(took.count()) + " ms, parts stolen: " + std::to_string(stolen));
  return std::to_string(searched) + " files searched";
}

std::string FourEmptyFiles() {
  searched = stolen = 0;
  WorkStealingPool pool(2);
  pool.Run([&] { SearchHalves(pool, {kFiles, 4}); });
  return std::to_string(searched) + " files searched, parts stolen: " + std::to_string(stolen);
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("41_work_stealing",
                      "Work stealing: what does a worker do that has nothing to do?");
  lab.Scenario("fixed_shares", [] { return Timed(FixedShares); })
      .Says("16 files each, and worker_0 has the big ones: three workers watch it")
      .Outcome("64 files searched")
      .Cores(kWorkers)
      .ShowsTimeline();
  lab.Scenario("shared_queue", [] { return Timed([] { SharedQueue(kFiles, kWorkers, kDoor); }); })
      .Says("one queue; each job that goes in or out takes 1 ms at its door")
      .Outcome("64 files searched")
      .Cores(kWorkers)
      .ShowsTimeline();
  lab.Scenario("stealing", [] { return Timed(Stealing); })
      .Says("a queue for each worker, and who has nothing left steals (1 ms)")
      .Outcome("64 files searched")
      .Cores(kWorkers)
      .ShowsTimeline();
  lab.Scenario("who_steals", FourEmptyFiles)
      .Says(
          "four empty files on two workers: who searches what is open, that each is searched is "
          "not")
      .Outcomes({"4 files searched, parts stolen: 0", "4 files searched, parts stolen: 1",
                 "4 files searched, parts stolen: 2", "4 files searched, parts stolen: 3"})
      .ShowsCensus("random:1000");
  lab.Notice(
      "A worker's own queue costs next to nothing, because nobody else is there. Stealing is rare, "
      "since what is stolen is large, and it evens out what nobody could know beforehand.");
  lab.Try(
      "kSmallest = 8 and 16; kDoor{0}; --real --scenario=stealing; --scenario=who_steals "
      "--explore=random:10000, which has a schedule for each outcome.");
  lab.Next("42_creation_cost");
  return lab.Main(argc, argv);
}
