// runtime/async/ready_queue.h
//
// An event loop is a queue of things whose turn will come: the next step of a task, a callback, a
// timer that has expired. Each of them is a Runnable, and a RunnableList strings them together
// through a pointer that they carry with them, so making something ready allocates nothing:
//
//   ready:  tail --> [ step of Task-3 ]              one pointer to the last; the last points to
//                       |        ^                   the first
//                       v        |
//               [ timer ] --> [ step of Task-2 ]
//
// Whoever waits for a task or a future stands in a list of the same kind. When it is done, the
// whole list is moved behind the ready ones at once, however long it is.
//
// A Runnable is in one list at most. Whoever puts it there knows that: a task is either ready or
// waits, a timer has expired or is armed.
//
// Threads: none of its own; a list belongs to its loop's thread.

#ifndef INTERLEAVE_RUNTIME_ASYNC_READY_QUEUE_H_
#define INTERLEAVE_RUNTIME_ASYNC_READY_QUEUE_H_

#include <cstdint>

namespace interleave {

class Runnable {
 public:
  Runnable() = default;
  Runnable(const Runnable&) = delete;
  Runnable& operator=(const Runnable&) = delete;

  // Its turn has come.
  virtual void Run() = 0;

  // Instead of Run, when the loop is closed and its turn will never come.
  virtual void Drop() {}

 protected:
  virtual ~Runnable() = default;

 private:
  friend class RunnableList;
  friend class TimerHeap;
  union {
    Runnable* next_ = nullptr;  // in a list
    std::uint64_t order_;       // an armed timer, which is in none: among equal deadlines
  };
};

// First in, first out. All of it takes the same time however long the list is, but Remove and At.
class RunnableList {
 public:
  bool empty() const { return last_ == nullptr; }

  void Push(Runnable& added) {
    if (last_ == nullptr) {
      added.next_ = &added;
    } else {
      added.next_ = last_->next_;
      last_->next_ = &added;
    }
    last_ = &added;
  }

  // REQUIRES: !empty().
  Runnable& Pop() {
    Runnable& first = *last_->next_;
    if (&first == last_) {
      last_ = nullptr;
    } else {
      last_->next_ = first.next_;
    }
    return first;
  }

  // Moves all of `others` behind what is here.
  void Append(RunnableList& others) {
    if (others.last_ == nullptr) return;
    if (last_ != nullptr) {
      Runnable* first = last_->next_;
      last_->next_ = others.last_->next_;
      others.last_->next_ = first;
    }
    last_ = others.last_;
    others.last_ = nullptr;
  }

  // Takes `removed` out, if it is here.
  void Remove(Runnable& removed) {
    if (last_ == nullptr) return;
    Runnable* before = last_;
    do {
      if (before->next_ == &removed) {
        if (before == &removed) {
          last_ = nullptr;
        } else {
          before->next_ = removed.next_;
          if (last_ == &removed) last_ = before;
        }
        return;
      }
      before = before->next_;
    } while (before != last_);
  }

  // Calls visit(Runnable&) for each, the first first.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    if (last_ == nullptr) return;
    for (Runnable* at = last_->next_;; at = at->next_) {
      visit(*at);
      if (at == last_) return;
    }
  }

 private:
  Runnable* last_ = nullptr;  // its next_ is the first
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_READY_QUEUE_H_
