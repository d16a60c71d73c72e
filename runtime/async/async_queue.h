// runtime/async/async_queue.h
//
// Producers put items in, consumers take them out, and neither has to be as fast as the other:
//
//   AsyncQueue<std::string> isbns(64);          // at most 64 in it; 0: as many as there are
//   co_await isbns.Put("0-13-110362-8");        // waits while it is full
//   std::string isbn = co_await isbns.Get();    // waits while it is empty
//   isbns.TaskDone();                           // that one is dealt with
//   co_await isbns.Join();                      // until all that were put are
//
// AsyncQueue gives the oldest item first, AsyncLifoQueue the newest, AsyncPriorityQueue the
// smallest (operator<). Who waits is woken first come first served; a task that comes by while the
// one that was woken has not gone on yet may be faster, and then that one waits again, as the last.
//
// Shutdown ends it: nothing can be put any more, who waits to put gets Closed, and so does Get once
// the queue is empty. With kNow it is emptied at once, and what was in it counts as done.
//
// Threads: the loop's own. Cancellation: a task that is cancelled in Get loses no item, one that is
// cancelled in Put puts none.

#ifndef INTERLEAVE_RUNTIME_ASYNC_ASYNC_QUEUE_H_
#define INTERLEAVE_RUNTIME_ASYNC_ASYNC_QUEUE_H_

#include <coroutine>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/async_errors.h"
#include "runtime/async/async_event.h"
#include "runtime/async/queue_items.h"
#include "runtime/async/task.h"
#include "runtime/async/waiting_tasks.h"
#include "runtime/threads/queue_errors.h"

namespace interleave {

enum class QueueEnd { kWhenEmpty, kNow };

template <typename T, typename Items>
class BasicAsyncQueue {
 public:
  class Getting;
  class Putting;

  // Throws: std::invalid_argument if it is negative.
  explicit BasicAsyncQueue(int max_size = 0) : max_size_(static_cast<std::size_t>(max_size)) {
    if (max_size < 0) {
      throw std::invalid_argument("AsyncQueue: the size is " + std::to_string(max_size) +
                                  ", it must be at least 0");
    }
  }

  std::size_t size() const { return items_.size(); }
  bool empty() const { return size() == 0; }
  std::size_t max_size() const { return max_size_; }
  bool full() const { return max_size_ > 0 && size() >= max_size_; }

  // co_await: Throws: Closed.
  auto Put(T item) { return PutRequest{this, std::move(item)}; }
  auto Get() { return GetRequest{this}; }

  // Throws: QueueFull; Closed.
  void PutNow(T item) {
    if (shut_down_) throw Closed("AsyncQueue: it has been shut down");
    if (full()) throw QueueFull("AsyncQueue: it is full");
    Insert(std::move(item));
  }
  // Throws: QueueEmpty; Closed, if it is empty and has been shut down.
  T GetNow() {
    if (empty()) {
      if (shut_down_) throw Closed("AsyncQueue: it has been shut down");
      throw QueueEmpty("AsyncQueue: it is empty");
    }
    return Take();
  }

  // An item that was taken out is dealt with. Throws: std::invalid_argument if all are.
  void TaskDone() {
    if (unfinished_ == 0) {
      throw std::invalid_argument("AsyncQueue::TaskDone: called more often than there were items");
    }
    if (--unfinished_ == 0) all_done_.Set();
  }
  // co_await: waits until every item that was put is dealt with.
  auto Join() {
    if (unfinished_ == 0) all_done_.Set();
    return all_done_.Wait();
  }
  std::size_t unfinished() const { return unfinished_; }

  void Shutdown(QueueEnd end = QueueEnd::kWhenEmpty) {
    shut_down_ = true;
    if (end == QueueEnd::kNow) {
      while (!empty()) {
        items_.Pop();
        TaskDone();
      }
    }
    getters_.WakeAll();
    putters_.WakeAll();
  }

 private:
  struct [[nodiscard]] GetRequest {
    BasicAsyncQueue* queue;
    Getting AwaitAt(unsigned line) const { return Getting(*queue, line); }
  };
  struct [[nodiscard]] PutRequest {
    BasicAsyncQueue* queue;
    T item;
    Putting AwaitAt(unsigned line) { return Putting(*queue, std::move(item), line); }
  };

  void Insert(T item) {
    items_.Push(std::move(item));
    ++unfinished_;
    all_done_.Clear();
    if (!getters_.empty()) getters_.WakeFirst();
  }
  T Take() {
    T item = items_.Pop();
    if (!putters_.empty()) putters_.WakeFirst();
    return item;
  }

  const std::size_t max_size_;
  Items items_;
  bool shut_down_ = false;
  std::size_t unfinished_ = 0;  // put, and not reported done
  AsyncEvent all_done_;
  WaitingTasks getters_, putters_;
};

template <typename T>
using AsyncQueue = BasicAsyncQueue<T, FifoItems<T>>;
template <typename T>
using AsyncLifoQueue = BasicAsyncQueue<T, LifoItems<T>>;
template <typename T>
using AsyncPriorityQueue = BasicAsyncQueue<T, PriorityItems<T>>;

// ---- How it works -----------------------------------------------------------
//
// Who is woken looks again (StillBlocked), and waits again if somebody was faster.

template <typename T, typename Items>
class BasicAsyncQueue<T, Items>::Getting final : public WaitingTask {
 public:
  Getting(BasicAsyncQueue& queue, unsigned line) : WaitingTask(line), queue_(queue) {}
  bool await_ready() const { return !queue_.empty() || queue_.shut_down_; }
  void await_suspend(std::coroutine_handle<>) { queue_.getters_.Add(*this); }
  bool StillBlocked() override {
    if (await_ready()) return false;
    queue_.getters_.Add(*this);
    return true;
  }
  T await_resume() {
    if (waited() && MustCancel()) {
      if (woken() && !queue_.empty() && !queue_.getters_.empty()) queue_.getters_.WakeFirst();
      throw TaskCancelled(CancelMessage());
    }
    return queue_.GetNow();
  }
  std::string Describe() const override { return "get from a queue"; }

 private:
  BasicAsyncQueue& queue_;
};

template <typename T, typename Items>
class BasicAsyncQueue<T, Items>::Putting final : public WaitingTask {
 public:
  Putting(BasicAsyncQueue& queue, T item, unsigned line)
      : WaitingTask(line), queue_(queue), item_(std::move(item)) {}
  bool await_ready() const { return !queue_.full() || queue_.shut_down_; }
  void await_suspend(std::coroutine_handle<>) { queue_.putters_.Add(*this); }
  bool StillBlocked() override {
    if (await_ready()) return false;
    queue_.putters_.Add(*this);
    return true;
  }
  void await_resume() {
    if (waited() && MustCancel()) {
      if (woken() && !queue_.full() && !queue_.putters_.empty()) queue_.putters_.WakeFirst();
      throw TaskCancelled(CancelMessage());
    }
    queue_.PutNow(std::move(item_));
  }
  std::string Describe() const override { return "put into a queue"; }

 private:
  BasicAsyncQueue& queue_;
  T item_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_ASYNC_QUEUE_H_
