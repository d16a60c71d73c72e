// What tasks, timers and queues cost, beside Asio's and libev's, which are linked into this
// program.
//
//   bazel run //tests/bench:async_bench
//
//   Tasks...        a million tasks that are started, yield once, and are waited for
//   Yield...        two tasks that give way to each other
//   ArmAndCancel... a million timers an hour ahead, armed and then taken back
//   Queue...        one producer and eight consumers, 64 items in between
//
// Times are processor time, since the machine is shared; ratios of one run are what counts.
#include <benchmark/benchmark.h>
#include <ev.h>

#include <asio.hpp>
#include <asio/experimental/channel.hpp>
#include <chrono>
#include <vector>

#include "runtime/async/async_queue.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"

namespace {

using asio::awaitable;
using asio::use_awaitable;
using interleave::AsyncQueue;
using interleave::EventLoop;
using interleave::Handle;
using interleave::SpawnOn;
using interleave::Task;
using interleave::TaskHandle;
using interleave::Yield;

constexpr long kMany = 1'000'000;

// Tasks.

Task<void> YieldsOnce() { co_await Yield(); }
Task<void> JoinsAll(std::vector<TaskHandle<void>>& tasks) {
  for (TaskHandle<void>& task : tasks) co_await task;
}

void TasksInterleave(benchmark::State& state) {
  for (auto _ : state) {
    EventLoop loop;
    std::vector<TaskHandle<void>> tasks;
    tasks.reserve(kMany);
    for (long i = 0; i < kMany; ++i) tasks.push_back(SpawnOn(loop, YieldsOnce()));
    loop.RunUntilComplete(JoinsAll(tasks));
  }
  state.SetItemsProcessed(state.iterations() * kMany);
}

awaitable<void> AsioYieldsOnce(asio::io_context& context) {
  co_await asio::post(context, use_awaitable);
}

void TasksAsio(benchmark::State& state) {
  for (auto _ : state) {
    asio::io_context context(1);
    long finished = 0;
    for (long i = 0; i < kMany; ++i) {
      asio::co_spawn(context, AsioYieldsOnce(context), [&](std::exception_ptr) { ++finished; });
    }
    context.run();
    if (finished != kMany) state.SkipWithError("tasks were lost");
  }
  state.SetItemsProcessed(state.iterations() * kMany);
}

// Yields.

Task<void> YieldsOften() {
  for (long i = 0; i < kMany; ++i) co_await Yield();
}

void YieldInterleave(benchmark::State& state) {
  for (auto _ : state) {
    EventLoop loop;
    TaskHandle<void> one = SpawnOn(loop, YieldsOften()), two = SpawnOn(loop, YieldsOften());
    loop.RunUntilComplete(one);
    loop.RunUntilComplete(two);
  }
  state.SetItemsProcessed(state.iterations() * 2 * kMany);
}

awaitable<void> AsioYieldsOften(asio::io_context& context) {
  for (long i = 0; i < kMany; ++i) co_await asio::post(context, use_awaitable);
}

void YieldAsio(benchmark::State& state) {
  for (auto _ : state) {
    asio::io_context context(1);
    asio::co_spawn(context, AsioYieldsOften(context), asio::detached);
    asio::co_spawn(context, AsioYieldsOften(context), asio::detached);
    context.run();
  }
  state.SetItemsProcessed(state.iterations() * 2 * kMany);
}

// Timers: the loop's own, for libev's watchers are owned by the caller, too.

std::vector<std::chrono::nanoseconds> Delays() {
  std::vector<std::chrono::nanoseconds> delays;
  std::uint64_t random = 88172645463325252;
  for (long i = 0; i < kMany; ++i) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    delays.push_back(std::chrono::hours(1) + std::chrono::nanoseconds(random % 1'000'000'000));
  }
  return delays;
}

class NoTimer : public interleave::Timer {
  void Run() override {}
};

void ArmAndCancelInterleave(benchmark::State& state) {
  const std::vector<std::chrono::nanoseconds> delays = Delays();
  std::vector<NoTimer> timers(kMany);
  EventLoop loop;
  for (auto _ : state) {
    const EventLoop::TimePoint now = loop.Time();
    for (long i = 0; i < kMany; ++i) loop.Arm(timers[i], now + delays[i]);
    for (NoTimer& timer : timers) loop.Disarm(timer);
  }
  state.SetItemsProcessed(state.iterations() * kMany);
}

void ArmAndCancelCallbacks(benchmark::State& state) {
  const std::vector<std::chrono::nanoseconds> delays = Delays();
  std::vector<Handle> handles(kMany);
  EventLoop loop;
  for (auto _ : state) {
    const EventLoop::TimePoint now = loop.Time();
    for (long i = 0; i < kMany; ++i) handles[i] = loop.CallAt(now + delays[i], [] {});
    for (Handle& handle : handles) handle.Cancel();
  }
  state.SetItemsProcessed(state.iterations() * kMany);
}

void ArmAndCancelLibev(benchmark::State& state) {
  const std::vector<std::chrono::nanoseconds> delays = Delays();
  std::vector<ev_timer> timers(kMany);
  struct ev_loop* loop = ev_loop_new(0);
  for (auto _ : state) {
    for (long i = 0; i < kMany; ++i) {
      timers[i].active = timers[i].pending = timers[i].priority = 0;
      timers[i].cb = [](struct ev_loop*, ev_timer*, int) {};
      timers[i].at = std::chrono::duration<double>(delays[i]).count();
      timers[i].repeat = 0;
      ev_timer_start(loop, &timers[i]);
    }
    for (ev_timer& timer : timers) ev_timer_stop(loop, &timer);
  }
  ev_loop_destroy(loop);
  state.SetItemsProcessed(state.iterations() * kMany);
}

// Queues.

Task<void> Produces(AsyncQueue<long>& queue) {
  for (long i = 0; i < kMany; ++i) co_await queue.Put(i);
  for (int i = 0; i < 8; ++i) co_await queue.Put(-1);
}
Task<void> Consumes(AsyncQueue<long>& queue, long& sum) {
  while (true) {
    const long item = co_await queue.Get();
    if (item < 0) co_return;
    sum += item;
  }
}

void QueueInterleave(benchmark::State& state) {
  for (auto _ : state) {
    EventLoop loop;
    AsyncQueue<long> queue(64);
    long sum = 0;
    std::vector<TaskHandle<void>> tasks{SpawnOn(loop, Produces(queue))};
    for (int i = 0; i < 8; ++i) tasks.push_back(SpawnOn(loop, Consumes(queue, sum)));
    loop.RunUntilComplete(JoinsAll(tasks));
    if (sum != kMany * (kMany - 1) / 2) state.SkipWithError("items were lost");
  }
  state.SetItemsProcessed(state.iterations() * kMany);
}

using Channel = asio::experimental::channel<void(asio::error_code, long)>;

awaitable<void> AsioProduces(Channel& channel) {
  for (long i = 0; i < kMany; ++i)
    co_await channel.async_send(asio::error_code(), i, use_awaitable);
  for (int i = 0; i < 8; ++i) {
    co_await channel.async_send(asio::error_code(), -1, use_awaitable);
  }
}
awaitable<void> AsioConsumes(Channel& channel, long& sum) {
  while (true) {
    const long item = co_await channel.async_receive(use_awaitable);
    if (item < 0) co_return;
    sum += item;
  }
}

void QueueAsio(benchmark::State& state) {
  for (auto _ : state) {
    asio::io_context context(1);
    Channel channel(context, 64);
    long sum = 0;
    asio::co_spawn(context, AsioProduces(channel), asio::detached);
    for (int i = 0; i < 8; ++i) {
      asio::co_spawn(context, AsioConsumes(channel, sum), asio::detached);
    }
    context.run();
    if (sum != kMany * (kMany - 1) / 2) state.SkipWithError("items were lost");
  }
  state.SetItemsProcessed(state.iterations() * kMany);
}

BENCHMARK(TasksInterleave)->Unit(benchmark::kMillisecond);
BENCHMARK(TasksAsio)->Unit(benchmark::kMillisecond);
BENCHMARK(YieldInterleave)->Unit(benchmark::kMillisecond);
BENCHMARK(YieldAsio)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndCancelInterleave)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndCancelCallbacks)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndCancelLibev)->Unit(benchmark::kMillisecond);
BENCHMARK(QueueInterleave)->Unit(benchmark::kMillisecond);
BENCHMARK(QueueAsio)->Unit(benchmark::kMillisecond);

}  // namespace
