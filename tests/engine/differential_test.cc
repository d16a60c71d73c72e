// tests/engine/differential_test.cc
//
// Random small programs, run in every schedule by the engine and in every order by the twenty lines
// of Machine, which know nothing of threads. Both must come to the same set of outcomes.
//
// A program is data, made from a seed: two or three threads, each a list of operations on mutexes,
// plain ints and atomics. Each position of a list is a place of its own in the machine code (a
// template's instance), as in a real program, because the engine decides by places what is a
// scheduling point.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

enum class Kind { kLock, kUnlock, kTryLock, kRead, kWrite, kLoad, kStore, kAdd, kYield };

struct Operation {
  Kind kind;
  int object = 0;  // which mutex, plain variable or atomic
  int value = 0;   // to write
};

constexpr int kObjects = 2;
constexpr int kLongest = 6;
constexpr int kMostThreads = 3;

using Thread = std::vector<Operation>;
using Program = std::vector<Thread>;

// ---- The program as the engine runs it
// -----------------------------------------------------------

struct Memory {
  std::mutex mutexes[kObjects];
  int plain[kObjects] = {};
  std::atomic<int> atomics[kObjects] = {};
};

// What a thread has seen: one letter or digit per operation that tells it something.
struct Seen {
  char text[kLongest + 1] = {};
  int length = 0;
  void Note(int value) { text[length++] = static_cast<char>('0' + value); }
};

template <int kThread, int kPosition>
void Perform(const Operation& operation, Memory& memory, Seen& seen) {
  switch (operation.kind) {
    case Kind::kLock:
      memory.mutexes[operation.object].lock();
      break;
    case Kind::kUnlock:
      memory.mutexes[operation.object].unlock();
      break;
    case Kind::kTryLock:
      seen.Note(memory.mutexes[operation.object].try_lock());
      break;
    case Kind::kRead:
      seen.Note(memory.plain[operation.object]);
      break;
    case Kind::kWrite:
      memory.plain[operation.object] = operation.value;
      break;
    case Kind::kLoad:
      seen.Note(memory.atomics[operation.object].load());
      break;
    case Kind::kStore:
      memory.atomics[operation.object].store(operation.value);
      break;
    case Kind::kAdd:
      seen.Note(memory.atomics[operation.object].fetch_add(1));
      break;
    case Kind::kYield:
      std::this_thread::yield();
      break;
  }
}

template <int kThread, std::size_t... kPositions>
void PerformAll(const Thread& thread, Memory& memory, Seen& seen,
                std::index_sequence<kPositions...>) {
  ((kPositions < thread.size()
        ? Perform<kThread, static_cast<int>(kPositions)>(thread[kPositions], memory, seen)
        : void()),
   ...);
}

template <int kThread>
void Run(const Program& program, Memory& memory, Seen& seen) {
  PerformAll<kThread>(program[kThread], memory, seen, std::make_index_sequence<kLongest>());
}

std::string RunByEngine(const Program& program) {
  Memory memory;
  Seen seen[kMostThreads];
  std::vector<std::thread> threads;
  threads.emplace_back([&] { Run<0>(program, memory, seen[0]); });
  threads.emplace_back([&] { Run<1>(program, memory, seen[1]); });
  if (program.size() > 2) threads.emplace_back([&] { Run<2>(program, memory, seen[2]); });
  for (std::thread& thread : threads) thread.join();
  std::string outcome;
  for (const Seen& one : seen) outcome += one.text + std::string(",");
  for (int value : memory.plain) outcome += std::to_string(value);
  for (const std::atomic<int>& value : memory.atomics) outcome += std::to_string(value.load());
  return outcome;
}

// ---- The same by hand
// ----------------------------------------------------------------------------

struct Machine {
  const Program& program;
  std::array<std::size_t, kMostThreads> next{};
  std::array<int, kObjects> owner{-1, -1};
  std::array<int, kObjects> plain{}, atomics{};
  std::array<std::string, kMostThreads> seen{};

  bool CanGo(std::size_t t) const {
    if (next[t] == program[t].size()) return false;
    const Operation& operation = program[t][next[t]];
    return operation.kind != Kind::kLock || owner[static_cast<std::size_t>(operation.object)] < 0;
  }

  void Go(std::size_t t) {
    const Operation& operation = program[t][next[t]++];
    auto object = static_cast<std::size_t>(operation.object);
    auto note = [&](int value) { seen[t] += static_cast<char>('0' + value); };
    switch (operation.kind) {
      case Kind::kTryLock:
        note(owner[object] < 0);
        if (owner[object] >= 0) break;
        [[fallthrough]];
      case Kind::kLock:
        owner[object] = static_cast<int>(t);
        break;
      case Kind::kUnlock:
        owner[object] = -1;
        break;
      case Kind::kRead:
        note(plain[object]);
        break;
      case Kind::kWrite:
        plain[object] = operation.value;
        break;
      case Kind::kLoad:
        note(atomics[object]);
        break;
      case Kind::kStore:
        atomics[object] = operation.value;
        break;
      case Kind::kAdd:
        note(atomics[object]++);
        break;
      case Kind::kYield:
        break;
    }
  }

  std::string Outcome() const {
    for (std::size_t t = 0; t < program.size(); ++t) {
      if (next[t] < program[t].size()) return "deadlock";
    }
    std::string outcome;
    for (const std::string& one : seen) outcome += one + ",";
    for (int value : plain) outcome += std::to_string(value);
    for (int value : atomics) outcome += std::to_string(value);
    return outcome;
  }

  auto State() const { return std::tuple(next, owner, plain, atomics, seen); }
};

using States = std::set<decltype(std::declval<Machine>().State())>;

void RunByHand(const Machine& machine, States& known, std::set<std::string>& outcomes) {
  if (!known.insert(machine.State()).second) return;
  bool over = true;
  for (std::size_t t = 0; t < machine.program.size(); ++t) {
    if (!machine.CanGo(t)) continue;
    over = false;
    Machine after = machine;
    after.Go(t);
    RunByHand(after, known, outcomes);
  }
  if (over) outcomes.insert(machine.Outcome());
}

// ---- Random programs
// -----------------------------------------------------------------------------

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  Program Make(bool yields) {
    Program program(Below(3) == 0 ? 3 : 2);
    const int longest = program.size() == 3 ? 3 : kLongest;
    for (Thread& thread : program) thread = MakeThread(longest, yields);
    return program;
  }

 private:
  int Below(int end) { return static_cast<int>(random_() % static_cast<std::uint32_t>(end)); }

  // Every lock is unlocked, not always in the opposite order.
  Thread MakeThread(int longest, bool yields) {
    Thread thread;
    bool held[kObjects] = {};
    int open = 0;
    while (static_cast<int>(thread.size()) + open < longest) {
      int room = longest - static_cast<int>(thread.size()) - open;
      int object = Below(kObjects);
      Operation operation{Kind::kRead, object, 1 + Below(3)};
      switch (Below(yields ? 8 : 7)) {
        case 0:
        case 1:
          if (held[object]) {
            operation.kind = Kind::kUnlock;
            held[object] = false;
            --open;
          } else if (room >= 2) {
            operation.kind = Kind::kLock;
            held[object] = true;
            ++open;
          }
          break;
        case 2:
          operation.kind = Kind::kWrite;
          break;
        case 3:
          operation.kind = Kind::kLoad;
          break;
        case 4:
          operation.kind = Kind::kStore;
          break;
        case 5:
          operation.kind = Kind::kAdd;
          break;
        case 7:
          operation.kind = Kind::kYield;
          break;
        default:
          break;
      }
      thread.push_back(operation);
    }
    for (int object = 0; object < kObjects; ++object) {
      if (held[object]) thread.push_back({Kind::kUnlock, object});
    }
    return thread;
  }

  std::mt19937 random_;
};

std::string Text(const Program& program) {
  const char* names[] = {"lock", "unlock", "try_lock", "read", "write",
                         "load", "store",  "add",      "yield"};
  std::string text;
  for (const Thread& thread : program) {
    text += "thread:";
    for (const Operation& operation : thread) {
      text += std::string(" ") + names[static_cast<int>(operation.kind)] +
              std::to_string(operation.object);
      if (operation.kind == Kind::kWrite || operation.kind == Kind::kStore) {
        text += "=" + std::to_string(operation.value);
      }
    }
    text += "\n";
  }
  return text;
}

void ExpectSameOutcomes(std::uint32_t first_seed, std::uint32_t programs, bool yields) {
  std::int64_t runs = 0, deadlocks = 0;
  for (std::uint32_t seed = first_seed; seed < first_seed + programs; ++seed) {
    const Program program = Generator(seed).Make(yields);
    ExploreReport report = Explore([&] { return RunByEngine(program); });
    ASSERT_TRUE(report.complete) << seed << " " << report.stopped_by << report.nondeterminism;
    States known;
    std::set<std::string> by_hand;
    RunByHand(Machine{program}, known, by_hand);
    ASSERT_EQ(Outcomes(report), by_hand) << "seed " << seed << "\n" << Text(program);
    runs += report.runs;
    deadlocks += static_cast<std::int64_t>(by_hand.count("deadlock"));
  }
  EXPECT_GT(runs, 10 * programs);
  EXPECT_GT(deadlocks, 0);
}

TEST(Differential, TheEngineFindsTheOutcomesThatExist) { ExpectSameOutcomes(1, 400, false); }

TEST(Differential, AlsoWhereThreadsYield) { ExpectSameOutcomes(1001, 200, true); }

}  // namespace
}  // namespace interleave
