// runtime/lab/real_run.cc
#include "runtime/lab/real_run.h"

#include <cxxabi.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <typeinfo>
#include <utility>
#include <vector>

#include "runtime/async/event_loop.h"
#include "runtime/engine/real_time.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/log.h"
#include "runtime/lab/loop_watch.h"
#include "runtime/lab/page.h"
#include "runtime/lab/standard_output.h"
#include "runtime/lab/verdict.h"

namespace interleave::lab {
namespace {

constexpr std::chrono::seconds kPatience{5};

// A busy machine may hold up a step for less.
constexpr std::chrono::nanoseconds kShortestSlowStep = std::chrono::milliseconds(10);

std::string TypeName(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : type.name();
}

std::string FirstLine(const std::filesystem::path& file) {
  std::string line;
  std::ifstream stream(file);
  std::getline(stream, line);
  return line;
}

// /proc/self/task/N/syscall begins with the number of the system call, or is "running".
std::string Activity(const std::string& syscall) {
  if (syscall.starts_with("running")) return "runs";
  switch (std::atoi(syscall.c_str())) {
    case SYS_futex:
      return "waits for another thread";
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
    case SYS_epoll_wait:
      return "runs an event loop, where nothing happens";
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
      return "sleeps";
    default:
      return "waits in system call " + syscall.substr(0, syscall.find(' '));
  }
}

// "uncaught std::runtime_error in downloader: disk full", as a simulation has it. To be called
// where an exception is handled, or by std::terminate.
std::string Uncaught() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type == nullptr) return "no exception, as when a joinable std::thread is destroyed";
  std::string text = "uncaught " + TypeName(*type) + " in " + CurrentThreadName();
  try {
    throw;
  } catch (const std::exception& error) {
    text += std::string(": ") + error.what();
  } catch (...) {
  }
  return text;
}

// This thread, and those that it starts, on the first so many of the processors that it may use.
void ShareProcessors(int count) {
  cpu_set_t allowed, shared;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  CPU_ZERO(&shared);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&shared) < count; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) CPU_SET(cpu, &shared);
  }
  sched_setaffinity(0, sizeof shared, &shared);
}

std::string Times(long count) { return count == 1 ? "once" : std::to_string(count) + " times"; }

// std::terminate has no arguments, so what its handler says stands here.
std::string place_of_the_run;  // written before the body starts its threads

[[noreturn]] void EndOnTerminate() {
  Write(kStderr, place_of_the_run + " std::terminate was called: " + Uncaught() + "\n");
  _exit(kNotAsExpected);
}

}  // namespace

std::string WhatStandsStill() {
  std::vector<std::pair<long, std::string>> threads;  // by number, which is their age
  std::size_t width = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    const long number = std::atol(entry.path().filename().c_str());
    if (number == gettid()) continue;
    threads.emplace_back(number,
                         number == getpid() ? "MainThread" : FirstLine(entry.path() / "comm"));
    width = std::max(width, threads.back().second.size());
  }
  std::sort(threads.begin(), threads.end());
  std::string text;
  for (const auto& [number, name] : threads) {
    const auto folder = std::filesystem::path("/proc/self/task") / std::to_string(number);
    text += "  " + Pad(name, width) + "  " + Activity(FirstLine(folder / "syscall")) + "\n";
  }
  return text;
}

Watchdog::Watchdog(std::chrono::nanoseconds limit, std::function<void()> expired)
    : expired_(std::move(expired)),
      thread_(&Watchdog::Watch, this, std::chrono::steady_clock::now() + limit) {}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ended_changed_.notify_one();
  thread_.join();
}

void Watchdog::Watch(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  // --time_scale may shorten this wait as well, so the clock decides.
  while (!ended_ && std::chrono::steady_clock::now() < deadline) {
    ended_changed_.wait_until(lock, deadline);
  }
  if (!ended_) expired_();
}

std::string WhyNoPriorities() {
  bool refused = false;
  std::thread([&] {
    sched_param parameters{};
    parameters.sched_priority = 1;
    refused = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == EPERM;
  }).join();
  if (!refused) return "";
  return "this system gives no priorities to this process (root, CAP_SYS_NICE or `ulimit -r 99` "
         "would): all threads are equals here, and whoever is first goes first";
}

Switches SwitchesSoFar() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);  // fails for no argument but a wrong one
  return {usage.ru_nvcsw, usage.ru_nivcsw};
}

std::string SwitchesText(const Switches& before) {
  const Switches now = SwitchesSoFar();
  return "A thread gave its processor away " + Times(now.waiting - before.waiting) +
         " because it waited, and lost it " + Times(now.time_up - before.time_up) +
         " because its time was up.";
}

std::string RunReal(const ScenarioPlan& plan, double time_scale, const std::string& where,
                    int loop_reports) {
  SetRealTimeScale(time_scale);
  EventLoop::SetTimeScale(time_scale);
  SetComputeScale(time_scale);
  LoopWatch watch{.output = loop_reports};
  watch.slow_step =
      std::max(std::chrono::duration_cast<std::chrono::nanoseconds>(watch.slow_step * time_scale),
               kShortestSlowStep);
  WatchLoops(watch);
  const auto expected =
      std::chrono::duration_cast<std::chrono::nanoseconds>(plan.takes * std::max(time_scale, 0.01));
  const Watchdog watchdog(expected + kPatience, [&where] {
    Write(kStderr, where + " stands still " + Seconds(kPatience) + " after it should have ended\n" +
                       WhatStandsStill() +
                       "  Who waits for whom the simulation says: the same command without "
                       "--real.\n");
    _exit(kNotAsExpected);
  });
  place_of_the_run = where;
  // The watchdog stays outside: it must come to its turn whatever the body's threads do.
  if (plan.by_priority) ShareProcessors(plan.cores);
  std::set_terminate(EndOnTerminate);
  try {
    return plan.body();
  } catch (...) {
    return Uncaught();
  }
}

}  // namespace interleave::lab
