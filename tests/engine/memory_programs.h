// tests/engine/memory_programs.h
//
// Random small programs of atomic operations, as data: two to four threads, each a list of loads,
// stores, updates, compare-exchanges and fences with memory orders of all kinds. The outcome of a
// run is what each of them read, and the value that each variable has in the end.
//
// Each position of a list is a place of its own in the machine code (a template's instance), as in
// a real program.
#ifndef INTERLEAVE_TESTS_ENGINE_MEMORY_PROGRAMS_H_
#define INTERLEAVE_TESTS_ENGINE_MEMORY_PROGRAMS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace interleave::memory_programs {

enum class Kind { kLoad, kStore, kAdd, kExchange, kCompare, kCompareWeak, kFence };

struct Operation {
  Kind kind;
  int variable = 0;
  int value = 0;     // to store, or to add
  int expected = 0;  // by a compare-exchange
  std::memory_order order = std::memory_order_relaxed;
  std::memory_order failure = std::memory_order_relaxed;
};

constexpr int kVariables = 2;
constexpr std::size_t kLongest = 4;
constexpr std::size_t kMostThreads = 4;

using Program = std::vector<std::vector<Operation>>;

inline bool IsCompare(Kind kind) { return kind == Kind::kCompare || kind == Kind::kCompareWeak; }
inline bool MayRead(Kind kind) { return kind != Kind::kStore && kind != Kind::kFence; }
inline bool MayWrite(Kind kind) { return kind != Kind::kLoad && kind != Kind::kFence; }

// What an operation that may read has read, as a part of the outcome.
inline std::string Seen(int value, bool exchanged) {
  return std::to_string(value) + (exchanged ? "!" : "");
}

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  // At most `operations` in all of its threads; `moves`: loads and stores only.
  Program Make(std::size_t operations, bool moves = false) {
    Program program(2 + Below(10) / 5 + Below(10) / 9);
    for (std::size_t left = operations; left > 0; --left) {
      std::vector<Operation>& thread = program[Below(program.size())];
      if (thread.size() < kLongest) thread.push_back(MakeOne(moves));
    }
    return program;
  }

 private:
  std::size_t Below(std::size_t end) { return random_() % end; }

  Operation MakeOne(bool moves) {
    using std::memory_order;
    static constexpr Kind kKinds[] = {Kind::kLoad,    Kind::kLoad,        Kind::kLoad,
                                      Kind::kStore,   Kind::kStore,       Kind::kStore,
                                      Kind::kAdd,     Kind::kExchange,    Kind::kFence,
                                      Kind::kCompare, Kind::kCompareWeak, Kind::kFence};
    Operation one{kKinds[Below(moves ? 6 : std::size(kKinds))]};
    one.variable = static_cast<int>(Below(kVariables));
    one.value = 1 + static_cast<int>(Below(3));
    one.expected = static_cast<int>(Below(3));
    const auto of = [&](std::initializer_list<memory_order> orders) {
      return orders.begin()[Below(orders.size())];
    };
    const auto relaxed = memory_order::relaxed, acquire = memory_order::acquire,
               release = memory_order::release, both = memory_order::acq_rel,
               seq_cst = memory_order::seq_cst;
    switch (one.kind) {
      case Kind::kLoad:
        one.order = of({relaxed, acquire, seq_cst});
        break;
      case Kind::kStore:
        one.order = of({relaxed, release, seq_cst});
        break;
      case Kind::kFence:
        one.order = of({acquire, release, both, seq_cst, seq_cst});
        break;
      default:
        one.order = of({relaxed, acquire, release, both, seq_cst});
        one.failure = of({relaxed, acquire, seq_cst});
    }
    return one;
  }

  std::mt19937 random_;
};

inline std::string Text(const Program& program) {
  static const char* kNames[] = {"load", "store", "add", "exchange", "compare", "weak", "fence"};
  static const char* kOrders[] = {"rlx", "con", "acq", "rel", "ar", "sc"};
  std::string text;
  for (const auto& thread : program) {
    text += "thread:";
    for (const Operation& one : thread) {
      text += std::string("  ") + kNames[static_cast<int>(one.kind)];
      if (one.kind != Kind::kFence) text += one.variable == 0 ? " x" : " y";
      if (IsCompare(one.kind)) text += " " + std::to_string(one.expected) + "->";
      if (MayWrite(one.kind)) text += " " + std::to_string(one.value);
      text += std::string(" ") + kOrders[static_cast<int>(one.order)];
      if (IsCompare(one.kind)) text += std::string("/") + kOrders[static_cast<int>(one.failure)];
    }
    text += "\n";
  }
  return text;
}

}  // namespace interleave::memory_programs

#endif  // INTERLEAVE_TESTS_ENGINE_MEMORY_PROGRAMS_H_
