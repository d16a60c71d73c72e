#include "tests/engine/litmus.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include "tests/engine/litmus_algorithms.h"

namespace interleave {
namespace {

using std::atomic;
using std::atomic_thread_fence;
using std::memory_order;

constexpr auto rlx = memory_order::relaxed, acq = memory_order::acquire,
               rel = memory_order::release, ar = memory_order::acq_rel, sc = memory_order::seq_cst;

std::string Text(std::initializer_list<int> values) {
  std::string text;
  for (int value : values) text += std::to_string(value);
  return text;
}

// No order: no fence.
constexpr auto none = static_cast<memory_order>(-1);
template <memory_order kOrder>
void Fence() {
  if constexpr (kOrder != none) atomic_thread_fence(kOrder);
}

template <memory_order kStore, memory_order kLoad, memory_order kFence, memory_order kOther>
std::string StoreBuffering() {
  atomic<int> x{0}, y{0};
  int a = -1, b = -1;
  InThreads({[&] {
               x.store(1, kStore);
               Fence<kFence>();
               a = y.load(kLoad);
             },
             [&] {
               y.store(1, kStore);
               Fence<kOther>();
               b = x.load(kLoad);
             }});
  return Text({a, b});
}

template <memory_order kStore, memory_order kLoad, memory_order kBefore, memory_order kBehind>
std::string MessagePassing() {
  atomic<int> data{0}, flag{0};
  int f = -1, d = -1;
  InThreads({[&] {
               data.store(1, rlx);
               Fence<kBefore>();
               flag.store(1, kStore);
             },
             [&] {
               f = flag.load(kLoad);
               Fence<kBehind>();
               d = data.load(rlx);
             }});
  return Text({f, d});
}

std::string ReadRead() {
  atomic<int> x{0};
  int a = -1, b = -1;
  InThreads({[&] { x.store(1, rlx); },
             [&] {
               a = x.load(rlx);
               b = x.load(rlx);
             }});
  return Text({a, b});
}

std::string WriteWrite() {
  atomic<int> x{0};
  InThreads({[&] {
               x.store(1, rlx);
               x.store(2, rlx);
             },
             [&] { x.load(rlx); }});
  return Text({x.load()});
}

std::string WriteRead() {
  atomic<int> x{0};
  int a = -1;
  InThreads({[&] {
               x.store(1, rlx);
               a = x.load(rlx);
             },
             [&] { x.store(2, rlx); }});
  return Text({a, x.load()});
}

std::string ReadWrite() {
  atomic<int> x{0};
  int a = -1;
  InThreads({[&] {
               a = x.load(rlx);
               x.store(1, rlx);
             },
             [&] { x.store(2, rlx); }});
  return Text({a, x.load()});
}

template <memory_order kLoad, memory_order kStore>
std::string LoadBuffering() {
  atomic<int> x{0}, y{0};
  int a = -1, b = -1;
  InThreads({[&] {
               a = x.load(kLoad);
               y.store(1, kStore);
             },
             [&] {
               b = y.load(kLoad);
               x.store(1, kStore);
             }});
  return Text({a, b});
}

template <memory_order kStore, memory_order kLoad>
std::string IndependentReads() {
  atomic<int> x{0}, y{0};
  int a = -1, b = -1, c = -1, d = -1;
  InThreads({[&] { x.store(1, kStore); }, [&] { y.store(1, kStore); },
             [&] {
               a = x.load(kLoad);
               b = y.load(kLoad);
             },
             [&] {
               c = y.load(kLoad);
               d = x.load(kLoad);
             }});
  return Text({a, b, c, d});
}

template <memory_order kStore>
std::string TwoAndTwoWrites() {
  atomic<int> x{0}, y{0};
  InThreads({[&] {
               x.store(1, kStore);
               y.store(2, kStore);
             },
             [&] {
               y.store(1, kStore);
               x.store(2, kStore);
             }});
  return Text({x.load(), y.load()});
}

template <memory_order kStore, memory_order kLoad>
std::string S() {
  atomic<int> x{0}, y{0};
  int a = -1;
  InThreads({[&] {
               x.store(2, rlx);
               y.store(1, kStore);
             },
             [&] {
               a = y.load(kLoad);
               x.store(1, rlx);
             }});
  return Text({a, x.load()});
}

template <memory_order kStore, memory_order kLoad>
std::string R() {
  atomic<int> x{0}, y{0};
  int a = -1;
  InThreads({[&] {
               x.store(1, kStore);
               y.store(1, kStore);
             },
             [&] {
               y.store(2, kStore);
               a = x.load(kLoad);
             }});
  return Text({y.load(), a});
}

template <memory_order kStore, memory_order kLoad>
std::string WriteToReadCausality() {
  atomic<int> x{0}, y{0};
  int a = -1, b = -1, c = -1;
  InThreads({[&] { x.store(1, kStore); },
             [&] {
               a = x.load(kLoad);
               y.store(1, kStore);
             },
             [&] {
               b = y.load(kLoad);
               c = x.load(kLoad);
             }});
  return Text({a, b, c});
}

// What stands between the release and the acquire: an update goes on with the release sequence, a
// store does not, not even one of the thread that released.
template <bool kByUpdate>
std::string ReleaseSequence() {
  atomic<int> data{0}, flag{0};
  int f = -1, d = -1;
  InThreads({[&] {
               data.store(1, rlx);
               flag.store(1, rel);
               if (!kByUpdate) flag.store(2, rlx);
             },
             [&] {
               if (kByUpdate) flag.fetch_add(1, rlx);
             },
             [&] {
               f = flag.load(acq);
               d = data.load(rlx);
             }});
  return Text({f, d});
}

// seq_cst and release-acquire on one location (Lahav, Vafeiadis, Kang, Hur and Dreyer 2017).
std::string MixedOrders() {
  atomic<int> x{0}, y{0};
  int a = -1, b = -1, c = -1;
  InThreads({[&] {
               x.store(1, sc);
               y.store(1, rel);
             },
             [&] {
               b = y.fetch_add(1, sc);
               c = y.load(rlx);
             },
             [&] {
               y.store(3, sc);
               a = x.load(sc);
             }});
  return Text({b, c, a});
}

template <bool kWeak>
std::string CompareFails() {
  atomic<int> x{0};
  bool done = false;
  InThreads({[&] {
               int expected = 0;
               done = kWeak ? x.compare_exchange_weak(expected, 1, rlx)
                            : x.compare_exchange_strong(expected, 1, rlx);
             },
             [&] { x.load(rlx); }});
  return done ? "done" : "failed";
}

std::string TwoUpdates() {
  atomic<int> x{0};
  InThreads({[&] { x.fetch_add(1, rlx); }, [&] { x.fetch_add(1, rlx); }});
  return Text({x.load()});
}

}  // namespace

void InThreads(const std::vector<std::function<void()>>& functions) {
  std::vector<std::thread> threads;
  for (const auto& function : functions) threads.emplace_back(function);
  for (std::thread& thread : threads) thread.join();
}

bool IsFound(const Litmus& litmus, const ExploreReport& report) {
  if (litmus.asks == kDataRace) return !report.races.empty();
  return std::any_of(report.census.begin(), report.census.end(),
                     [&](const CensusRow& row) { return row.outcome == litmus.asks; });
}

const std::vector<Litmus>& LitmusTests() {
  constexpr auto kNo = Verdict::kForbidden, kYes = Verdict::kAllowed;
  const char* kSingle = "[atomics.order]/4";
  static const std::vector<Litmus> tests = [&] {
    std::vector<Litmus> all = {
        {"SB relaxed", "00", kYes, kSingle, StoreBuffering<rlx, rlx, none, none>},
        {"SB release acquire", "00", kYes, kSingle, StoreBuffering<rel, acq, none, none>},
        {"SB seq_cst", "00", kNo, "[atomics.order]/4.1", StoreBuffering<sc, sc, none, none>},
        {"SB two seq_cst fences", "00", kNo, "[atomics.order]/4.4",
         StoreBuffering<rlx, rlx, sc, sc>},
        {"SB one seq_cst fence", "00", kYes, kSingle, StoreBuffering<rlx, rlx, sc, none>},
        {"SB acq_rel fences", "00", kYes, kSingle, StoreBuffering<rlx, rlx, ar, ar>},
        {"MP relaxed", "10", kYes, "[intro.races]/14", MessagePassing<rlx, rlx, none, none>},
        {"MP release acquire", "10", kNo, "[atomics.order]/2",
         MessagePassing<rel, acq, none, none>},
        {"MP release relaxed", "10", kYes, "[atomics.order]/2",
         MessagePassing<rel, rlx, none, none>},
        {"MP relaxed acquire", "10", kYes, "[atomics.order]/2",
         MessagePassing<rlx, acq, none, none>},
        {"MP two fences", "10", kNo, "[atomics.fences]/2", MessagePassing<rlx, rlx, rel, acq>},
        {"MP release, fence", "10", kNo, "[atomics.fences]/4", MessagePassing<rel, rlx, none, acq>},
        {"MP fence, acquire", "10", kNo, "[atomics.fences]/3", MessagePassing<rlx, acq, rel, none>},
        {"CoRR", "10", kNo, "[intro.races]/16", ReadRead},
        {"CoWW", "1", kNo, "[intro.races]/15", WriteWrite},
        {"CoWR", "21", kNo, "[intro.races]/18", WriteRead},
        {"CoRW", "22", kNo, "[intro.races]/17", ReadWrite},
        {"LB relaxed", "11", Verdict::kBackwards, "[intro.races]/14", LoadBuffering<rlx, rlx>},
        {"LB acquire release", "11", kNo, "[intro.races]/10", LoadBuffering<acq, rel>},
        {"IRIW release acquire", "1010", kYes, kSingle, IndependentReads<rel, acq>},
        {"IRIW seq_cst", "1010", kNo, "[atomics.order]/4.1", IndependentReads<sc, sc>},
        {"2+2W relaxed", "11", kYes, "[intro.races]/4", TwoAndTwoWrites<rlx>},
        {"2+2W release", "11", kYes, "[intro.races]/4", TwoAndTwoWrites<rel>},
        {"2+2W seq_cst", "11", kNo, "[atomics.order]/4.1", TwoAndTwoWrites<sc>},
        {"S relaxed", "12", kYes, "[intro.races]/4", S<rlx, rlx>},
        {"S release acquire", "12", kNo, "[intro.races]/15", S<rel, acq>},
        {"R release acquire", "20", kYes, kSingle, R<rel, acq>},
        {"R seq_cst", "20", kNo, "[atomics.order]/4.1", R<sc, sc>},
        {"WRC relaxed", "110", kYes, "[intro.races]/14", WriteToReadCausality<rlx, rlx>},
        {"WRC release acquire", "110", kNo, "[intro.races]/18", WriteToReadCausality<rel, acq>},
        {"release sequence, update", "20", kNo, "[intro.races]/5", ReleaseSequence<true>},
        {"release sequence, store", "20", kYes, "P0982", ReleaseSequence<false>},
        {"mixed orders (Z6.U)", "130", Verdict::kBackwards, "P0668", MixedOrders},
        {"weak compare, unchanged", "failed", kYes, "[atomics.types.operations]",
         CompareFails<true>},
        {"strong compare, unchanged", "failed", kNo, "[atomics.types.operations]",
         CompareFails<false>},
        {"two relaxed updates", "1", kNo, "[atomics.order]/10", TwoUpdates},
    };
    AddAlgorithms(all);
    return all;
  }();
  return tests;
}

}  // namespace interleave
