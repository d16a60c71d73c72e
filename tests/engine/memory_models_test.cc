// tests/engine/memory_models_test.cc
//
// Random programs of atomic operations, explored by the engine under --memory=cpp and compared with
// the axioms of the standard (axioms.h), and under --memory=tso with the twenty lines of Machine,
// an x86 as Sewell et al. have it. Each must come to the same set of outcomes; under cpp but for
// those that running forwards cannot produce, which are counted.
//
//   INTERLEAVE_PROGRAMS=5000 bazel-bin/tests/engine/memory_models_test    as every night
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/axioms.h"
#include "tests/engine/memory_programs.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace memory_programs;

constexpr std::uint32_t kPrograms = 300;  // for each model, in a test that many wait for
constexpr std::size_t kOperations = 6;

std::uint32_t Programs() {
  const char* wanted = std::getenv("INTERLEAVE_PROGRAMS");
  return wanted != nullptr ? static_cast<std::uint32_t>(std::atoi(wanted)) : kPrograms;
}

// ---- The program as the engine runs it ----

using Memory = std::array<std::atomic<int>, kVariables>;

template <std::size_t kThread, std::size_t kPosition>
void Perform(const Operation& one, Memory& memory, std::string& seen) {
  std::atomic<int>& variable = memory[static_cast<std::size_t>(one.variable)];
  int expected = one.expected;
  bool exchanged;
  switch (one.kind) {
    case Kind::kLoad:
      seen += Seen(variable.load(one.order), false);
      break;
    case Kind::kStore:
      variable.store(one.value, one.order);
      break;
    case Kind::kAdd:
      seen += Seen(variable.fetch_add(one.value, one.order), false);
      break;
    case Kind::kExchange:
      seen += Seen(variable.exchange(one.value, one.order), false);
      break;
    case Kind::kCompare:
      exchanged = variable.compare_exchange_strong(expected, one.value, one.order, one.failure);
      seen += Seen(expected, exchanged);
      break;
    case Kind::kCompareWeak:
      exchanged = variable.compare_exchange_weak(expected, one.value, one.order, one.failure);
      seen += Seen(expected, exchanged);
      break;
    case Kind::kFence:
      std::atomic_thread_fence(one.order);
      break;
  }
}

template <std::size_t kThread, std::size_t... kPositions>
void PerformAll(const std::vector<Operation>& thread, Memory& memory, std::string& seen,
                std::index_sequence<kPositions...>) {
  ((kPositions < thread.size() ? Perform<kThread, kPositions>(thread[kPositions], memory, seen)
                               : void()),
   ...);
}

template <std::size_t kThread>
void Start(const Program& program, Memory& memory, std::string& seen,
           std::vector<std::thread>& threads) {
  if (kThread >= program.size()) return;
  threads.emplace_back([&] {
    PerformAll<kThread>(program[kThread], memory, seen, std::make_index_sequence<kLongest>());
  });
}

std::string RunByEngine(const Program& program) {
  Memory memory{};
  std::array<std::string, kMostThreads> seen;
  std::vector<std::thread> threads;
  Start<0>(program, memory, seen[0], threads);
  Start<1>(program, memory, seen[1], threads);
  Start<2>(program, memory, seen[2], threads);
  Start<3>(program, memory, seen[3], threads);
  for (std::thread& thread : threads) thread.join();
  std::string outcome;
  for (const std::string& one : seen) outcome += one + ",";
  for (const std::atomic<int>& value : memory) outcome += std::to_string(value.load());
  return outcome;
}

ExploreReport Explored(const Program& program, MemoryMode mode) {
  ExploreOptions options;
  options.memory = mode;
  return Explore([&] { return RunByEngine(program); }, options);
}

// ---- An x86 ----

struct Machine {
  const Program& program;
  std::array<std::size_t, kMostThreads> next{};
  std::array<int, kVariables> memory{};
  std::array<std::deque<std::pair<int, int>>, kMostThreads> buffers{};
  std::array<std::string, kMostThreads> seen{};

  // An instruction that is locked, or a fence, waits until its thread's buffer is empty.
  bool CanGo(std::size_t t) const {
    if (t >= program.size() || next[t] == program[t].size()) return false;
    const Operation& one = program[t][next[t]];
    const bool moves = one.kind == Kind::kLoad ||
                       (one.kind == Kind::kStore && one.order != std::memory_order_seq_cst) ||
                       (one.kind == Kind::kFence && one.order != std::memory_order_seq_cst);
    return moves || buffers[t].empty();
  }

  void Go(std::size_t t) {
    const Operation& one = program[t][next[t]++];
    int& value = memory[static_cast<std::size_t>(one.variable)];
    int read = value;
    for (const auto& [variable, waiting] : buffers[t]) {
      if (variable == one.variable) read = waiting;
    }
    const bool exchanges = IsCompare(one.kind) && read == one.expected;
    if (MayRead(one.kind)) seen[t] += Seen(read, exchanges);
    if (one.kind == Kind::kStore && one.order != std::memory_order_seq_cst) {
      buffers[t].emplace_back(one.variable, one.value);
    } else if (one.kind == Kind::kAdd) {
      value += one.value;
    } else if (one.kind == Kind::kStore || one.kind == Kind::kExchange || exchanges) {
      value = one.value;
    }
  }

  void Send(std::size_t t) {
    const auto [variable, value] = buffers[t].front();
    buffers[t].pop_front();
    memory[static_cast<std::size_t>(variable)] = value;
  }

  std::string Outcome() const {
    std::string outcome;
    for (const std::string& one : seen) outcome += one + ",";
    for (int value : memory) outcome += std::to_string(value);
    return outcome;
  }

  auto State() const { return std::tuple(next, memory, buffers, seen); }
};

using States = std::set<decltype(std::declval<Machine>().State())>;

void RunByHand(const Machine& machine, States& known, std::set<std::string>& outcomes) {
  if (!known.insert(machine.State()).second) return;
  bool over = true;
  for (std::size_t t = 0; t < kMostThreads; ++t) {
    if (machine.CanGo(t)) {
      over = false;
      Machine after = machine;
      after.Go(t);
      RunByHand(after, known, outcomes);
    }
    if (!machine.buffers[t].empty()) {
      over = false;
      Machine after = machine;
      after.Send(t);
      RunByHand(after, known, outcomes);
    }
  }
  if (over) outcomes.insert(machine.Outcome());
}

// ---- The comparison ----

std::string Difference(const std::set<std::string>& found, const std::set<std::string>& expected) {
  std::string text;
  for (const std::string& one : found) text += expected.count(one) == 0 ? " wrong " + one : "";
  for (const std::string& one : expected) text += found.count(one) == 0 ? " missed " + one : "";
  return text;
}

TEST(MemoryModels, CppIsWhatTheStandardAllows) {
  std::size_t outcomes = 0, weak = 0, backwards = 0;
  std::int64_t runs = 0;
  for (std::uint32_t seed = 1; seed <= Programs(); ++seed) {
    const Program program = Generator(seed).Make(kOperations);
    const Allowed allowed = ByTheAxioms(program);
    const ExploreReport report = Explored(program, MemoryMode::kCpp);
    ASSERT_EQ(Complaints(report), "") << seed;
    EXPECT_FALSE(report.cut_spins || report.cut_stale) << seed;
    ASSERT_EQ(Difference(Outcomes(report), allowed.forwards), "") << "seed " << seed << "\n"
                                                                  << Text(program);
    runs += report.runs;
    outcomes += allowed.outcomes.size();
    backwards += allowed.outcomes.size() - allowed.forwards.size();
    weak += allowed.forwards.size() > Outcomes(Explored(program, MemoryMode::kSc)).size();
  }
  std::printf(
      "%u programs, %zu with more outcomes than under sc; %zu outcomes, %zu of them cannot "
      "be run forwards; %lld runs\n",
      Programs(), weak, outcomes, backwards, static_cast<long long>(runs));
  EXPECT_GT(weak, Programs() / 10);
  EXPECT_LT(backwards, outcomes / 10);
}

TEST(MemoryModels, TsoIsWhatAnX86Does) {
  std::size_t weak = 0;
  std::int64_t runs = 0;
  for (std::uint32_t seed = 100'001; seed <= 100'000 + Programs(); ++seed) {
    const Program program = Generator(seed).Make(kOperations, seed % 2 == 0);
    States known;
    std::set<std::string> expected;
    RunByHand(Machine{program}, known, expected);
    const ExploreReport report = Explored(program, MemoryMode::kTso);
    ASSERT_EQ(Complaints(report), "") << seed;
    ASSERT_EQ(Difference(Outcomes(report), expected), "") << "seed " << seed << "\n"
                                                          << Text(program);
    runs += report.runs;
    weak += expected.size() > Outcomes(Explored(program, MemoryMode::kSc)).size();
  }
  std::printf("%u programs, %zu with more outcomes than under sc; %lld runs\n", Programs(), weak,
              static_cast<long long>(runs));
  EXPECT_GT(weak, Programs() / 50);
}

}  // namespace
}  // namespace interleave
