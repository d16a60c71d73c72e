// runtime/threads/work_stealing_deque.h
//
// The list of what one worker still has to do, from which idle workers help themselves. Its owner
// puts and takes at one end, like at a stack; thieves take at the other end, the oldest first:
//
//            top_                     bottom_
//   Steal <-- [ oldest | ...  | newest ] <-- Push, Take
//
// In work that divides itself the oldest item is the largest, so that a thief need not come again
// soon; the newest is the one whose data the owner's cache still knows. And as long as there are
// two items or more, owner and thieves do not meet: no lock is needed, and only for the last item
// they have to agree, by moving top_ with a compare-and-exchange.
//
//   WorkStealingDeque<Job> jobs(1024);
//   jobs.Push(&job);            // the owner
//   Job* mine = jobs.Take();    // the owner; null if there is none
//   Job* loot = jobs.Steal();   // anybody; null if there is none, or somebody else was faster
//
// The algorithm is Chase and Lev's (Dynamic Circular Work-Stealing Deque, SPAA 2005), with the
// memory orders that Lê, Pop, Cohen and Zappa Nardelli worked out for C11 (PPoPP 2013) as the
// guide. Two differences, both to have less to understand: the room is fixed, so nobody reads an
// array that has been replaced; and where they have fences the operations beside these are
// sequentially consistent, which costs the same on x86 and can be checked by ThreadSanitizer.
//
// What it buys: a Push and a Take cost 28 ns, around a std::deque with a mutex 42 ns; and fib(30)
// in a WorkStealingPool, which is little else, 40 ms of CPU time in place of 70 (PushAndTake in
// tests/bench:threads_bench; x86-64). And no thief has to wait for an owner who lost the processor
// while it held the lock.
//
// Threads: Push and Take belong to one thread, the owner; Steal and Empty may be called by any.
// What the owner did before a Push happens before what a thief does after the Steal.

#ifndef RUNTIME_THREADS_WORK_STEALING_DEQUE_H_
#define RUNTIME_THREADS_WORK_STEALING_DEQUE_H_

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace interleave {

// Holds pointers and owns none of what they point to.
template <typename T>
class WorkStealingDeque {
 public:
  // Room for `capacity` items, rounded up to a power of two.
  explicit WorkStealingDeque(std::size_t capacity) : slots_(std::bit_ceil(capacity)) {}

  WorkStealingDeque(const WorkStealingDeque&) = delete;
  WorkStealingDeque& operator=(const WorkStealingDeque&) = delete;

  // Owner. False, and nothing is done, if there is no room.
  bool Push(T* item);

  // Owner. The newest item, or null if there is none.
  T* Take();

  // The oldest item, or null if there is none or another thread took it at this moment. It may be
  // worth another try then: ask Empty.
  T* Steal();

  // What was so a moment ago.
  bool Empty() const;

 private:
  using Index = std::int64_t;

  std::atomic<T*>& Slot(Index index) {
    return slots_[static_cast<std::size_t>(index) & (slots_.size() - 1)];
  }

  // The items are those from top_ to before bottom_. Both only count; the slot of an index is its
  // remainder. top_ never goes down, so who finds it unchanged knows that nothing was stolen.
  // (A cache line for each, since thieves write one and the owner the other, gained nothing: steals
  // are rare.)
  std::atomic<Index> top_ = 0;
  std::atomic<Index> bottom_ = 0;  // written by the owner alone
  std::vector<std::atomic<T*>> slots_;
};

// ---- How it works -------------------------------------------------------------------------------

template <typename T>
bool WorkStealingDeque<T>::Push(T* item) {
  // Nobody else writes bottom_. An old top_ only makes the deque look fuller than it is; acquire,
  // so that the thief who emptied a slot has read it before it is written again.
  const Index bottom = bottom_.load(std::memory_order_relaxed);
  const Index top = top_.load(std::memory_order_acquire);
  if (bottom - top >= static_cast<Index>(slots_.size())) return false;
  Slot(bottom).store(item, std::memory_order_relaxed);
  // This shows the item, and all that was written before, to whoever reads the new bottom_. For
  // that release would do. The owner also wants to know whether anybody sleeps who should be told
  // (work_stealing_pool.cc), and must not look before the item can be seen.
  bottom_.store(bottom + 1, std::memory_order_seq_cst);
  return true;
}

// Owner and thief each write where the other one looks, and then look where the other one writes:
//
//   Take:  bottom_ = newest          Steal:  reads top_
//          reads top_                        reads bottom_
//                                            top_ = top + 1
//
// In a single order of all these steps at least one sees the other, so an item cannot go to both.
// With weaker orders the processor may read first and write later, and it would.
template <typename T>
T* WorkStealingDeque<T>::Take() {
  const Index newest = bottom_.load(std::memory_order_relaxed) - 1;
  bottom_.store(newest, std::memory_order_seq_cst);
  Index top = top_.load(std::memory_order_seq_cst);
  if (top < newest) return Slot(newest).load(std::memory_order_relaxed);  // no thief comes so far
  // One item or none: from here on the deque is empty, with bottom_ where it was. If there is one,
  // it belongs to whoever moves top_.
  T* item = nullptr;
  if (top == newest && top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst)) {
    item = Slot(newest).load(std::memory_order_relaxed);
  }
  bottom_.store(newest + 1, std::memory_order_release);
  return item;
}

template <typename T>
T* WorkStealingDeque<T>::Steal() {
  Index top = top_.load(std::memory_order_seq_cst);
  const Index bottom = bottom_.load(std::memory_order_seq_cst);
  if (top >= bottom) return nullptr;
  // Read before it is ours: afterwards the owner may use the slot again. If it is not the item of
  // this index any more, then top_ has moved, and the exchange fails.
  T* const item = Slot(top).load(std::memory_order_relaxed);
  if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst)) return nullptr;
  return item;
}

template <typename T>
bool WorkStealingDeque<T>::Empty() const {
  const Index top = top_.load(std::memory_order_seq_cst);
  return top >= bottom_.load(std::memory_order_seq_cst);
}

}  // namespace interleave

#endif  // RUNTIME_THREADS_WORK_STEALING_DEQUE_H_
