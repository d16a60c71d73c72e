// What tasks, timers and queues cost, beside Asio's and libev's, which are linked into this
// program.
//
//   bazel run //tests/bench:async_bench
//
//   MemoryOf...     bytes at the peak of a million tasks that yield, or that all sleep; and the
//   time
//                   of a process's first million, whose memory is touched for the first time
//   Tasks...        a million tasks that are started, yield once, and are waited for
//   Yield...        two tasks that give way to each other
//   ArmAndCancel... a million timers an hour ahead, armed and then taken back
//   ArmAndFire...   a million timers within a second, armed and run
//   Queue...        one producer and eight consumers, 64 items in between
//
// Those with /10000000 do the same with ten million: what one costs should not grow.
// Times are processor time, since the machine is shared; ratios of one run are what counts.
#include <benchmark/benchmark.h>
#include <ev.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio.hpp>
#include <asio/experimental/channel.hpp>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
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
using interleave::SleepFor;
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

void StartsAndJoins(long many) {
  EventLoop loop;
  std::vector<TaskHandle<void>> tasks;
  tasks.reserve(many);
  for (long i = 0; i < many; ++i) tasks.push_back(SpawnOn(loop, YieldsOnce()));
  loop.RunUntilComplete(JoinsAll(tasks));
}

void TasksInterleave(benchmark::State& state) {
  for (auto _ : state) StartsAndJoins(state.range(0));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

awaitable<void> AsioYieldsOnce(asio::io_context& context) {
  co_await asio::post(context, use_awaitable);
}

void AsioStartsAndJoins(long many) {
  asio::io_context context(1);
  long finished = 0;
  for (long i = 0; i < many; ++i) {
    asio::co_spawn(context, AsioYieldsOnce(context), [&](std::exception_ptr) { ++finished; });
  }
  context.run();
  if (finished != many) std::abort();
}

void TasksAsio(benchmark::State& state) {
  for (auto _ : state) AsioStartsAndJoins(kMany);
  state.SetItemsProcessed(state.iterations() * kMany);
}

// What a process needs that has done nothing else before: a child. Its parent does nothing before
// either, as long as these are the first to be run.

struct Needs {
  double seconds;  // of processor time
  double bytes;    // at the peak
};

double Status(const std::string& line) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == line && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

double ProcessorTime() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Needs InAChild(void (*work)()) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t child = fork();
  if (child == 0) {
    const double bytes = Status("VmRSS:"), seconds = ProcessorTime();
    work();
    const Needs needs{ProcessorTime() - seconds, Status("VmHWM:") - bytes};
    _exit(write(ends[1], &needs, sizeof needs) == sizeof needs ? 0 : 1);
  }
  Needs needs{};
  if (read(ends[0], &needs, sizeof needs) != sizeof needs) std::abort();
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  return needs;
}

constexpr EventLoop::Duration kLong = std::chrono::hours(1);
Task<void> SleepsLong() { co_await SleepFor(kLong); }

// In a child that ends while they sleep: ending them needs memory of its own.
void AllSleep() {
  EventLoop& loop = *new EventLoop;
  auto& tasks = *new std::vector<TaskHandle<void>>;
  tasks.reserve(kMany);
  for (long i = 0; i < kMany; ++i) tasks.push_back(SpawnOn(loop, SleepsLong()));
  loop.CallSoon([&] { loop.Stop(); });
  loop.RunForever();
}

void MemoryOf(benchmark::State& state, void (*work)()) {
  for (auto _ : state) {
    const Needs needs = InAChild(work);
    state.SetIterationTime(needs.seconds);
    state.counters["bytes_each"] = needs.bytes / kMany;
  }
}

void MemoryOfTasks(benchmark::State& state) {
  MemoryOf(state, [] { StartsAndJoins(kMany); });
}
void MemoryOfTasksAsio(benchmark::State& state) {
  MemoryOf(state, [] { AsioStartsAndJoins(kMany); });
}
void MemoryOfSleepers(benchmark::State& state) { MemoryOf(state, AllSleep); }

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

std::vector<std::chrono::nanoseconds> Delays(long many, std::chrono::nanoseconds least) {
  std::vector<std::chrono::nanoseconds> delays;
  std::uint64_t random = 88172645463325252;
  for (long i = 0; i < many; ++i) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    delays.push_back(least + std::chrono::nanoseconds(random % 1'000'000'000));
  }
  return delays;
}

class NoTimer : public interleave::Timer {
  void Run() override {}
};

void ArmAndCancelInterleave(benchmark::State& state) {
  const long many = state.range(0);
  const std::vector<std::chrono::nanoseconds> delays = Delays(many, std::chrono::hours(1));
  std::vector<NoTimer> timers(many);
  EventLoop loop;
  for (auto _ : state) {
    const EventLoop::TimePoint now = loop.Time();
    for (long i = 0; i < many; ++i) loop.Arm(timers[i], now + delays[i]);
    for (NoTimer& timer : timers) loop.Disarm(timer);
  }
  state.SetItemsProcessed(state.iterations() * many);
}

void ArmAndCancelCallbacks(benchmark::State& state) {
  const std::vector<std::chrono::nanoseconds> delays = Delays(kMany, std::chrono::hours(1));
  std::vector<Handle> handles(kMany);
  EventLoop loop;
  for (auto _ : state) {
    const EventLoop::TimePoint now = loop.Time();
    for (long i = 0; i < kMany; ++i) handles[i] = loop.CallAt(now + delays[i], [] {});
    for (Handle& handle : handles) handle.Cancel();
  }
  state.SetItemsProcessed(state.iterations() * kMany);
}

void Start(struct ev_loop* loop, ev_timer& timer, std::chrono::nanoseconds delay,
           void (*callback)(struct ev_loop*, ev_timer*, int)) {
  timer.active = timer.pending = timer.priority = 0;
  timer.cb = callback;
  timer.at = std::chrono::duration<double>(delay).count();
  timer.repeat = 0;
  ev_timer_start(loop, &timer);
}

void ArmAndCancelLibev(benchmark::State& state) {
  const std::vector<std::chrono::nanoseconds> delays = Delays(kMany, std::chrono::hours(1));
  std::vector<ev_timer> timers(kMany);
  struct ev_loop* loop = ev_loop_new(0);
  for (auto _ : state) {
    for (long i = 0; i < kMany; ++i) {
      Start(loop, timers[i], delays[i], [](struct ev_loop*, ev_timer*, int) {});
    }
    for (ev_timer& timer : timers) ev_timer_stop(loop, &timer);
  }
  ev_loop_destroy(loop);
  state.SetItemsProcessed(state.iterations() * kMany);
}

// The same within a second, and run. The second itself costs no processor time.

struct Countdown {
  EventLoop& loop;
  long left;
  void operator()() {
    if (--left == 0) loop.Stop();
  }
};
class CountsDown : public interleave::Timer {
 public:
  Countdown* countdown = nullptr;

 private:
  void Run() override { (*countdown)(); }
};

void ArmAndFireInterleave(benchmark::State& state) {
  const long many = state.range(0);
  const std::vector<std::chrono::nanoseconds> delays = Delays(many, std::chrono::nanoseconds(0));
  std::vector<CountsDown> timers(many);
  EventLoop loop;
  for (auto _ : state) {
    Countdown countdown{loop, many};
    const EventLoop::TimePoint now = loop.Time();
    for (long i = 0; i < many; ++i) {
      timers[i].countdown = &countdown;
      loop.Arm(timers[i], now + delays[i]);
    }
    loop.RunForever();
  }
  state.SetItemsProcessed(state.iterations() * many);
}

void ArmAndFireCallbacks(benchmark::State& state) {
  const std::vector<std::chrono::nanoseconds> delays = Delays(kMany, std::chrono::nanoseconds(0));
  EventLoop loop;
  for (auto _ : state) {
    Countdown countdown{loop, kMany};
    const EventLoop::TimePoint now = loop.Time();
    for (long i = 0; i < kMany; ++i) loop.CallAt(now + delays[i], [&countdown] { countdown(); });
    loop.RunForever();
  }
  state.SetItemsProcessed(state.iterations() * kMany);
}

Task<void> SleepsOnce(EventLoop::TimePoint until) { co_await interleave::SleepUntil(until); }

void ArmAndFireTasks(benchmark::State& state) {
  const std::vector<std::chrono::nanoseconds> delays = Delays(kMany, std::chrono::nanoseconds(0));
  for (auto _ : state) {
    EventLoop loop;
    std::vector<TaskHandle<void>> tasks;
    tasks.reserve(kMany);
    const EventLoop::TimePoint now = loop.Time();
    for (long i = 0; i < kMany; ++i) tasks.push_back(SpawnOn(loop, SleepsOnce(now + delays[i])));
    loop.RunUntilComplete(JoinsAll(tasks));
  }
  state.SetItemsProcessed(state.iterations() * kMany);
}

void ArmAndFireLibev(benchmark::State& state) {
  const std::vector<std::chrono::nanoseconds> delays = Delays(kMany, std::chrono::nanoseconds(0));
  std::vector<ev_timer> timers(kMany);
  static long left;
  struct ev_loop* loop = ev_loop_new(0);
  for (auto _ : state) {
    left = kMany;
    ev_now_update(loop);
    for (long i = 0; i < kMany; ++i) {
      Start(loop, timers[i], delays[i], [](struct ev_loop*, ev_timer*, int) { --left; });
    }
    ev_run(loop, 0);
    if (left != 0) state.SkipWithError("timers were lost");
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

BENCHMARK(MemoryOfTasks)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(MemoryOfSleepers)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(MemoryOfTasksAsio)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(TasksInterleave)->Arg(kMany)->Unit(benchmark::kMillisecond);
BENCHMARK(TasksAsio)->Unit(benchmark::kMillisecond);
BENCHMARK(YieldInterleave)->Unit(benchmark::kMillisecond);
BENCHMARK(YieldAsio)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndCancelInterleave)->Arg(kMany)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndCancelCallbacks)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndCancelLibev)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndFireInterleave)->Arg(kMany)->Iterations(2)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndFireCallbacks)->Iterations(2)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndFireTasks)->Iterations(2)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndFireLibev)->Iterations(2)->Unit(benchmark::kMillisecond);
BENCHMARK(QueueInterleave)->Unit(benchmark::kMillisecond);
BENCHMARK(QueueAsio)->Unit(benchmark::kMillisecond);
BENCHMARK(TasksInterleave)->Arg(10 * kMany)->Iterations(2)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndCancelInterleave)->Arg(10 * kMany)->Iterations(2)->Unit(benchmark::kMillisecond);
BENCHMARK(ArmAndFireInterleave)->Arg(10 * kMany)->Iterations(2)->Unit(benchmark::kMillisecond);

}  // namespace
