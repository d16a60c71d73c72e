#include "tests/engine/litmus_algorithms.h"

#include <atomic>
#include <mutex>
#include <string>

namespace interleave {
namespace {

using std::atomic;
using std::memory_order;

constexpr auto rlx = memory_order::relaxed, acq = memory_order::acquire,
               rel = memory_order::release, ar = memory_order::acq_rel, sc = memory_order::seq_cst;

// Dekker's entry: each says that it wants to, and goes in if the other does not.
template <memory_order kStore, memory_order kLoad>
std::string Dekker() {
  atomic<int> wants[2] = {0, 0};
  int inside[2] = {};
  const auto enter = [&](int me) {
    wants[me].store(1, kStore);
    inside[me] = wants[1 - me].load(kLoad) == 0;
  };
  InThreads({[&] { enter(0); }, [&] { enter(1); }});
  return inside[0] + inside[1] == 2 ? "both inside" : "one at a time";
}

// Peterson (1981), as far as the first look: whoever does not have to wait goes in, and stays.
template <memory_order kStore, memory_order kLoad>
std::string PetersonsEntry() {
  atomic<int> wants[2] = {0, 0}, turn{0};
  int inside[2] = {};
  const auto enter = [&](int me) {
    wants[me].store(1, kStore);
    turn.store(1 - me, kStore);
    inside[me] = wants[1 - me].load(kLoad) == 0 || turn.load(kLoad) == me;
  };
  InThreads({[&] { enter(0); }, [&] { enter(1); }});
  return inside[0] + inside[1] == 2 ? "both inside" : "one at a time";
}

// With its loop. What is counted inside is plain memory, so two who are inside race.
template <memory_order kStore, memory_order kLoad>
std::string Peterson() {
  atomic<int> wants[2] = {0, 0}, turn{0};
  int counter = 0;
  const auto count = [&](int me) {
    wants[me].store(1, kStore);
    turn.store(1 - me, kStore);
    while (wants[1 - me].load(kLoad) == 1 && turn.load(kLoad) == 1 - me) {
    }
    counter = counter + 1;
    wants[me].store(0, kStore == sc ? sc : rel);
  };
  InThreads({[&] { count(0); }, [&] { count(1); }});
  return std::to_string(counter);
}

template <memory_order kStore, memory_order kLoad>
std::string DoubleCheckedLocking() {
  struct Thing {
    int value = 0;
  } thing;
  atomic<Thing*> made{nullptr};
  std::mutex mutex;
  int seen[2] = {};
  const auto get = [&](int me) {
    Thing* it = made.load(kLoad);
    if (it == nullptr) {
      std::lock_guard<std::mutex> lock(mutex);
      it = made.load(rlx);
      if (it == nullptr) {
        thing.value = 7;
        it = &thing;
        made.store(it, kStore);
      }
    }
    seen[me] = it->value;
  };
  InThreads({[&] { get(0); }, [&] { get(1); }});
  return std::to_string(seen[0]) + std::to_string(seen[1]);
}

// Boehm, "Can seqlocks get along with programming language memory models?" (2012).
template <bool kFences>
std::string SeqLock() {
  atomic<int> version{0}, left{0}, right{0};
  std::string seen = "retry";
  InThreads({[&] {
               version.store(1, rlx);
               if (kFences) std::atomic_thread_fence(rel);
               left.store(1, rlx);
               right.store(1, rlx);
               version.store(2, rel);
             },
             [&] {
               const int before = version.load(acq);
               const int l = left.load(rlx), r = right.load(rlx);
               if (kFences) std::atomic_thread_fence(acq);
               const int after = version.load(rlx);
               if (before == after && before % 2 == 0) seen = l == r ? "whole" : "torn";
             }});
  return seen;
}

template <memory_order kUnlock, int kThreads>
std::string SpinLock() {
  atomic<int> lock{0};
  int counter = 0;
  const auto count = [&] {
    while (lock.exchange(1, acq) == 1) {
    }
    counter = counter + 1;
    lock.store(0, kUnlock);
  };
  InThreads(std::vector<std::function<void()>>(kThreads, count));
  return std::to_string(counter);
}

template <memory_order kServe>
std::string TicketLock() {
  atomic<int> next{0}, serving{0};
  int counter = 0;
  const auto count = [&] {
    const int mine = next.fetch_add(1, rlx);
    while (serving.load(acq) != mine) {
    }
    counter = counter + 1;
    serving.store(mine + 1, kServe);
  };
  InThreads({count, count});
  return std::to_string(counter);
}

// Treiber (1986): one pushes, one pops.
template <memory_order kPush>
std::string TreiberStack() {
  struct Node {
    int value = 0;
    Node* next = nullptr;
  } nodes[2];
  atomic<Node*> head{nullptr};
  int popped = 0;
  InThreads({[&] {
               for (int i = 0; i < 2; ++i) {
                 nodes[i].value = i + 1;
                 nodes[i].next = head.load(rlx);
                 while (!head.compare_exchange_strong(nodes[i].next, &nodes[i], kPush, rlx)) {
                 }
               }
             },
             [&] {
               Node* top = head.load(acq);
               while (top != nullptr && !head.compare_exchange_strong(top, top->next, acq)) {
               }
               if (top != nullptr) popped = top->value;
             }});
  return std::to_string(popped);
}

}  // namespace

void AddAlgorithms(std::vector<Litmus>& tests) {
  constexpr auto kNo = Verdict::kForbidden, kYes = Verdict::kAllowed;
  const std::string kRace = kDataRace, kAcquire = "[atomics.order]/2";
  tests.insert(
      tests.end(),
      {
          {"Dekker seq_cst", "both inside", kNo, "[atomics.order]/4.1", Dekker<sc, sc>},
          {"Dekker release acquire", "both inside", kYes, "[atomics.order]/4", Dekker<rel, acq>},
          {"Peterson seq_cst", "both inside", kNo, "[atomics.order]/4.1", PetersonsEntry<sc, sc>},
          {"Peterson release acquire", "both inside", kYes, "[atomics.order]/4",
           PetersonsEntry<rel, acq>},
          {"Peterson seq_cst, its loop", kRace, kNo, "[atomics.order]/4.1", Peterson<sc, sc>},
          {"double-checked, acquire", kRace, kNo, kAcquire, DoubleCheckedLocking<rel, acq>},
          {"double-checked, relaxed", kRace, kYes, "[intro.races]/21",
           DoubleCheckedLocking<rlx, rlx>},
          {"seqlock with fences", "torn", kNo, "[atomics.fences]/2", SeqLock<true>},
          {"seqlock without", "torn", kYes, "[intro.races]/14", SeqLock<false>},
          {"spin lock", kRace, kNo, kAcquire, SpinLock<rel, 2>},
          {"spin lock, relaxed unlock", kRace, kYes, kAcquire, SpinLock<rlx, 2>},
          {"spin lock, three threads", kRace, kNo, kAcquire, SpinLock<rel, 3>, true},
          {"ticket lock", kRace, kNo, kAcquire, TicketLock<rel>},
          {"ticket lock, relaxed", kRace, kYes, kAcquire, TicketLock<rlx>},
          {"Treiber stack", kRace, kNo, kAcquire, TreiberStack<ar>},
          {"Treiber stack, relaxed push", kRace, kYes, kAcquire, TreiberStack<rlx>},
      });
}

}  // namespace interleave
