// tests/bench/process_bench.cc
//
// Ten thousand tiny jobs through two worker processes: the pool, beside the least that two forks
// and two pairs of sockets could do. 64 bytes there and back, one job at a time, and 32 at each
// worker.

#include <benchmark/benchmark.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "runtime/net/descriptor.h"
#include "runtime/process/process.h"
#include "runtime/process/process_pool.h"

namespace interleave {
namespace {

constexpr int kJobs = 10'000;
constexpr int kWorkers = 2;
constexpr int kAtAWorker = 32;

using Bytes = std::array<char, 64>;

Bytes Echo(const Bytes& bytes) { return bytes; }

void Require(bool condition) {
  if (!condition) std::abort();
}

// ---- The floor ----

struct RawWorker {
  explicit RawWorker(int type) : ends(MakeEnds(type)), process(Start(ends.second)) {
    ends.second.Close();
  }
  static std::pair<Descriptor, Descriptor> MakeEnds(int type) {
    int fds[2];
    Require(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) == 0);
    return {Descriptor(fds[0]), Descriptor(fds[1])};
  }
  static Process Start(const Descriptor& socket) {
    return Process::Fork(
        [&socket] {
          Bytes bytes;
          while (recv(socket.get(), bytes.data(), bytes.size(), MSG_WAITALL) ==
                 static_cast<ssize_t>(bytes.size())) {
            send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
          }
          return 0;
        },
        {socket.get()});
  }
  void Send() const {
    const Bytes bytes{};
    Require(send(ends.first.get(), bytes.data(), bytes.size(), 0) == 64);
  }
  void Receive() const {
    Bytes bytes;
    Require(recv(ends.first.get(), bytes.data(), bytes.size(), MSG_WAITALL) == 64);
  }

  std::pair<Descriptor, Descriptor> ends;
  Process process;
};

void RawOneAtATime(benchmark::State& state) {
  const std::vector<RawWorker> workers = [] {
    std::vector<RawWorker> all;
    for (int i = 0; i < kWorkers; ++i) all.emplace_back(SOCK_STREAM);
    return all;
  }();
  for (auto _ : state) {
    for (int i = 0; i < kJobs; ++i) {
      const RawWorker& worker = workers[static_cast<std::size_t>(i % kWorkers)];
      worker.Send();
      worker.Receive();
    }
  }
  state.SetItemsProcessed(state.iterations() * kJobs);
}
BENCHMARK(RawOneAtATime)->Unit(benchmark::kMillisecond)->UseRealTime();

void RawPipelined(benchmark::State& state) {
  std::vector<RawWorker> workers;
  std::vector<pollfd> answers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.emplace_back(SOCK_STREAM);
    answers.push_back({workers.back().ends.first.get(), POLLIN, 0});
  }
  for (auto _ : state) {
    int sent = 0, received = 0;
    for (int i = 0; i < kAtAWorker * kWorkers; ++i) {
      workers[static_cast<std::size_t>(i % kWorkers)].Send();
      ++sent;
    }
    while (received < kJobs) {
      poll(answers.data(), answers.size(), -1);
      for (std::size_t i = 0; i < answers.size(); ++i) {
        if ((answers[i].revents & POLLIN) == 0) continue;
        workers[i].Receive();
        ++received;
        if (sent < kJobs) {
          workers[i].Send();
          ++sent;
        }
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * kJobs);
}
BENCHMARK(RawPipelined)->Unit(benchmark::kMillisecond)->UseRealTime();

// ---- The pool ----

void PoolOneAtATime(benchmark::State& state) {
  ProcessPool pool(kWorkers);
  const Bytes bytes{};
  for (auto _ : state) {
    for (int i = 0; i < kJobs; ++i) pool.Submit<Echo>(bytes).Get();
  }
  state.SetItemsProcessed(state.iterations() * kJobs);
}
BENCHMARK(PoolOneAtATime)->Unit(benchmark::kMillisecond)->UseRealTime();

void Pipelined(benchmark::State& state, int at_a_worker) {
  ProcessPool pool({.max_workers = kWorkers, .jobs_at_a_worker = at_a_worker});
  const Bytes bytes{};
  std::vector<Future<Bytes>> futures;
  for (auto _ : state) {
    futures.clear();
    for (int i = 0; i < kJobs; ++i) futures.push_back(pool.Submit<Echo>(bytes));
    for (const Future<Bytes>& future : futures) future.Get();
  }
  state.SetItemsProcessed(state.iterations() * kJobs);
}
void PoolPipelined(benchmark::State& state) { Pipelined(state, kAtAWorker); }
void PoolPipelinedByDefault(benchmark::State& state) { Pipelined(state, 1); }
BENCHMARK(PoolPipelined)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(PoolPipelinedByDefault)->Unit(benchmark::kMillisecond)->UseRealTime();

void PoolMapInChunks(benchmark::State& state) {
  ProcessPool pool(kWorkers);
  const std::vector<Bytes> inputs(kJobs);
  for (auto _ : state) {
    int results = 0;
    for ([[maybe_unused]] const Bytes& result : pool.Map<Echo>(inputs, {.chunk = 100})) ++results;
    Require(results == kJobs);
  }
  state.SetItemsProcessed(state.iterations() * kJobs);
}
BENCHMARK(PoolMapInChunks)->Unit(benchmark::kMillisecond)->UseRealTime();

// ---- What one more costs ----

void ForkAndWait(benchmark::State& state) {
  for (auto _ : state) Process::Fork([] { return 0; }).Wait();
}
BENCHMARK(ForkAndWait)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace interleave
