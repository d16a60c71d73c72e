// Lab 41: one queue for all workers.
//
// A job is a number of files. Who takes a large one halves it, puts the second half into the queue
// for somebody else and goes on with the first, as with stealing; only there is one queue, and each
// that comes to it needs its lock.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/threads/thread_name.h"

using std::chrono::milliseconds;

void Search(int file);  // in 41_work_stealing.cc
void SharedQueue(int files, int workers, milliseconds door);

namespace {

constexpr int kSmallest = 1;  // a job of so many files is not halved

struct Files {
  int first, count;
};

class Queue {
 public:
  Queue(int files, milliseconds door) : door_(door), jobs_{{0, files}}, left_(files) {}

  void Put(Files files) {
    std::lock_guard<std::mutex> lock(mutex_);
    interleave::Compute(door_);
    jobs_.push_back(files);
    changed_.notify_one();
  }

  // Waits for a job; false if there will be none.
  bool Take(Files& files) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return !jobs_.empty() || left_ == 0; });
    if (left_ == 0) return false;
    interleave::Compute(door_);
    files = jobs_.front();
    jobs_.pop_front();
    return true;
  }

  void Done(int files) {
    std::lock_guard<std::mutex> lock(mutex_);
    left_ -= files;
    if (left_ == 0) changed_.notify_all();
  }

 private:
  const milliseconds door_;  // what it takes to get in and out
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Files> jobs_;  // guarded by mutex_, as is left_
  int left_;                // files that nobody has searched
};

void Work(Queue& queue) {
  for (Files files; queue.Take(files); queue.Done(files.count)) {
    while (files.count > kSmallest) {
      const int half = files.count / 2;
      queue.Put({files.first + half, files.count - half});
      files.count = half;
    }
    for (int i = 0; i < files.count; ++i) Search(files.first + i);
  }
}

}  // namespace

void SharedQueue(int files, int workers, milliseconds door) {
  Queue queue(files, door);
  std::vector<std::thread> threads;
  for (int number = 0; number < workers; ++number) {
    threads.emplace_back([&queue, number] {
      interleave::SetThreadName("worker_" + std::to_string(number));
      Work(queue);
    });
  }
  for (std::thread& thread : threads) thread.join();
}
