// runtime/threads/blocking_queue.h
//
// How threads hand work to each other: one puts items in, another takes them out, and whoever
// comes too early waits.
//
//   BlockingQueue<std::string> names(10);          // room for 10: a producer that is
//                                                  // faster than its consumer waits
//   std::thread consumer([&] {
//     try {
//       for (;;) std::cout << "hello " << names.Get() << "\n";
//     } catch (const Closed&) {                    // closed, and nothing is left
//     }
//   });
//   names.Put("ada");
//   names.Close();
//
// Items come out in the order in which they were put. Two variants differ in nothing else:
// LifoBlockingQueue gives the newest first, PriorityBlockingQueue the smallest (by `<`; among
// equal ones any).
//
// A consumer that takes an item is not done with it yet. If each says TaskDone() when it is, Join()
// waits until everything that was put is not only taken but done.
//
// Threads: all functions from any thread. Waiters are woken in no particular order, and each goes
// on its own thread. What was done before an item was put is seen by whoever gets it. The queue may
// be destroyed when no call is running any more; what is left in it is destroyed with it.
//
// Speed: what costs is waking. The textbook's queue notifies once for each item, so with four
// threads on each side it wakes three who find that the first has taken all there was. Here at most
// one sleeper of a kind is being woken at any time, and wakes the next one if there is something
// left for it. On two cores, a million items, capacity 1,024: twice as many items a second with 4:4
// and 1.6 times as many with 1:1, 2,500 switches of threads instead of 12,000, and half of the CPU
// time (tests/bench, threads_bench). A lock for each end, a waiting list, and spinning before sleep
// were tried: slower, no faster, and no faster.

#ifndef RUNTIME_THREADS_BLOCKING_QUEUE_H_
#define RUNTIME_THREADS_BLOCKING_QUEUE_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "runtime/threads/queue_errors.h"

namespace interleave {

template <typename T>
class BlockingQueue {
 public:
  // Room for `capacity` items; 0: for as many as come.
  // Throws: std::invalid_argument if it is negative.
  explicit BlockingQueue(int capacity = 0) : BlockingQueue(capacity, Order::kFifo, nullptr) {}

  BlockingQueue(const BlockingQueue&) = delete;
  BlockingQueue& operator=(const BlockingQueue&) = delete;

  // Puts an item in, as soon as there is room: for ever, not at all, or for so long at most.
  // Throws: Closed after Close, also if that comes while it waits; QueueFull if there was no room
  // in time. The item was not put then.
  void Put(T item) { PutBy(std::move(item), kNever); }
  void PutNow(T item) { PutBy(std::move(item), kAtOnce); }
  void PutFor(T item, std::chrono::nanoseconds timeout) {
    PutBy(std::move(item), Clock::now() + timeout);
  }

  // Takes the next item out, as soon as there is one: likewise.
  // Throws: Closed after Close if nothing is left; QueueEmpty if there was none in time.
  T Get() { return GetBy(kNever); }
  T GetNow() { return GetBy(kAtOnce); }
  T GetFor(std::chrono::nanoseconds timeout) { return GetBy(Clock::now() + timeout); }

  // Takes no more items. What is in it can still be got. May be called again, which does nothing.
  void Close();

  // An item that was got is done with.
  // Throws: std::invalid_argument if that was said of every item put already.
  void TaskDone();

  // Returns when TaskDone was called for every item put; at once if none was. May be called again.
  void Join();

  int capacity() const { return capacity_; }
  std::size_t size() const;  // at the moment of asking
  bool closed() const;

 protected:
  enum class Order { kFifo, kLifo, kPriority };
  using Precedes = bool (*)(const T&, const T&);

  BlockingQueue(int capacity, Order order, Precedes precedes);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point kNever = Clock::time_point::max();
  static constexpr Clock::time_point kAtOnce = Clock::time_point::min();

  // Threads that wait for an item, or for room.
  struct Sleepers {
    int count = 0;
    bool one_is_woken = false;  // and has not gone on yet
    std::condition_variable wake;

    void Sleep(std::unique_lock<std::mutex>& lock, Clock::time_point deadline);
    bool HaveToBeWoken() const { return count > 0 && !one_is_woken; }
  };

  void PutBy(T&& item, Clock::time_point deadline);
  T GetBy(Clock::time_point deadline);
  bool HasRoom() const { return capacity_ == 0 || items_.size() < Size(capacity_); }
  void Insert(T&& item);
  T Take();
  void WakeNext(std::unique_lock<std::mutex>& lock);
  static std::size_t Size(int count) { return static_cast<std::size_t>(count); }

  const int capacity_;
  const Order order_;
  const Precedes precedes_;  // null unless order_ is kPriority

  mutable std::mutex mutex_;  // guards all below
  std::deque<T> items_;       // a heap if order_ is kPriority
  bool closed_ = false;
  std::size_t unfinished_ = 0;  // put, and TaskDone was not called for it
  Sleepers getters_, putters_;
  std::condition_variable all_finished_;
};

// The newest first.
template <typename T>
class LifoBlockingQueue : public BlockingQueue<T> {
 public:
  explicit LifoBlockingQueue(int capacity = 0)
      : BlockingQueue<T>(capacity, BlockingQueue<T>::Order::kLifo, nullptr) {}
};

// The smallest first.
template <typename T>
class PriorityBlockingQueue : public BlockingQueue<T> {
 public:
  explicit PriorityBlockingQueue(int capacity = 0)
      : BlockingQueue<T>(capacity, BlockingQueue<T>::Order::kPriority,
                         [](const T& one, const T& other) { return one < other; }) {}
};

// ---- How it works ----
//
// Whenever the mutex is free: if there is an item and a getter sleeps, then one of the getters is
// woken and on its way; likewise for room and putters. WakeNext makes that true after each change.

template <typename T>
BlockingQueue<T>::BlockingQueue(int capacity, Order order, Precedes precedes)
    : capacity_(capacity), order_(order), precedes_(precedes) {
  if (capacity < 0) {
    throw std::invalid_argument("BlockingQueue: the capacity is " + std::to_string(capacity) +
                                ", it must be at least 1, or 0 for no limit");
  }
}

template <typename T>
void BlockingQueue<T>::PutBy(T&& item, Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  while (!closed_ && !HasRoom()) {
    if (Clock::now() >= deadline) throw QueueFull("BlockingQueue::Put: there was no room");
    putters_.Sleep(lock, deadline);
  }
  if (closed_) throw Closed("BlockingQueue::Put: the queue is closed");
  Insert(std::move(item));
  ++unfinished_;
  WakeNext(lock);
}

template <typename T>
T BlockingQueue<T>::GetBy(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  while (!closed_ && items_.empty()) {
    if (Clock::now() >= deadline) throw QueueEmpty("BlockingQueue::Get: there was no item");
    getters_.Sleep(lock, deadline);
  }
  if (items_.empty()) throw Closed("BlockingQueue::Get: the queue is closed and empty");
  T item = Take();
  WakeNext(lock);
  return item;
}

template <typename T>
void BlockingQueue<T>::Insert(T&& item) {
  items_.push_back(std::move(item));
  if (order_ == Order::kPriority) {
    std::push_heap(items_.begin(), items_.end(),
                   [this](const T& one, const T& other) { return precedes_(other, one); });
  }
}

template <typename T>
T BlockingQueue<T>::Take() {
  if (order_ == Order::kFifo) {
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  if (order_ == Order::kPriority) {
    std::pop_heap(items_.begin(), items_.end(),
                  [this](const T& one, const T& other) { return precedes_(other, one); });
  }
  T item = std::move(items_.back());
  items_.pop_back();
  return item;
}

// Called with the mutex held, after whatever changed what sleepers wait for; it lets go of the
// mutex first, so that the woken one does not run into it.
template <typename T>
void BlockingQueue<T>::WakeNext(std::unique_lock<std::mutex>& lock) {
  const bool wake_getter = getters_.HaveToBeWoken() && !items_.empty();
  const bool wake_putter = putters_.HaveToBeWoken() && HasRoom();
  getters_.one_is_woken |= wake_getter;
  putters_.one_is_woken |= wake_putter;
  lock.unlock();
  if (wake_getter) getters_.wake.notify_one();
  if (wake_putter) putters_.wake.notify_one();
}

// Whoever goes on, for whatever reason, is the woken one: if another was meant, that one comes too,
// and at worst finds nothing. The other way round a sleeper would be forgotten.
template <typename T>
void BlockingQueue<T>::Sleepers::Sleep(std::unique_lock<std::mutex>& lock,
                                       Clock::time_point deadline) {
  ++count;
  if (deadline == kNever) {
    wake.wait(lock);
  } else {
    wake.wait_until(lock, deadline);
  }
  --count;
  one_is_woken = false;
}

template <typename T>
void BlockingQueue<T>::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  getters_.wake.notify_all();
  putters_.wake.notify_all();
}

template <typename T>
void BlockingQueue<T>::TaskDone() {
  std::lock_guard lock(mutex_);
  if (unfinished_ == 0) {
    throw std::invalid_argument("BlockingQueue::TaskDone: called more often than items were put");
  }
  if (--unfinished_ == 0) all_finished_.notify_all();
}

template <typename T>
void BlockingQueue<T>::Join() {
  std::unique_lock lock(mutex_);
  all_finished_.wait(lock, [this] { return unfinished_ == 0; });
}

template <typename T>
std::size_t BlockingQueue<T>::size() const {
  std::lock_guard lock(mutex_);
  return items_.size();
}

template <typename T>
bool BlockingQueue<T>::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace interleave

#endif  // RUNTIME_THREADS_BLOCKING_QUEUE_H_
