#include "labs/42_creation_cost_measure.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <tuple>
#include <utility>

#include "runtime/async/event_loop.h"
#include "runtime/async/run.h"
#include "runtime/lab/machine.h"
#include "runtime/process/process.h"

namespace {

using interleave::Descriptor;
using interleave::Process;

std::pair<Descriptor, Descriptor> Pipe() {  // to read from, to write to
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

double CpuSecondsSoFar() {
  double seconds = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
      seconds += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    }
  }
  return seconds;
}

// Three digits and a unit.
std::string WithUnit(double number, double step, const std::vector<const char*>& units) {
  std::size_t unit = 0;
  for (; number >= step && unit + 1 < units.size(); ++unit) number /= step;
  char text[40];
  std::snprintf(text, sizeof text, number < 10 ? "%.2f %s" : "%.0f %s", number, units[unit]);
  return text;
}

}  // namespace

Meter::Meter()
    : memory_(interleave::Machine().ResidentMemory()),
      cpu_seconds_(CpuSecondsSoFar()),
      began_(std::chrono::steady_clock::now()) {}

Cost Meter::Read(long count, long bytes) const {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
  const auto n = static_cast<double>(count);
  return {took.count() / n, CpuSeconds() / n, static_cast<double>(bytes) / n};
}

long Meter::MoreMemory() const { return interleave::Machine().ResidentMemory() - memory_; }

double Meter::CpuSeconds() const { return CpuSecondsSoFar() - cpu_seconds_; }

Gate::Gate() {
  std::tie(arrivals_, arrived_) = Pipe();
  std::tie(opening_, opened_) = Pipe();
}

int Gate::Pass() {
  char nothing = 0;
  if (write(arrived_.get(), &nothing, 1) != 1) return 1;
  return read(opening_.get(), &nothing, 1) == 0 ? 0 : 1;  // the end: the parent has closed it
}

void Gate::AwaitAll(long count) {
  char nothing = 0;
  for (long i = 0; i < count; ++i) {
    if (read(arrivals_.get(), &nothing, 1) != 1) throw std::runtime_error("a process is missing");
  }
}

void Gate::Open() { opened_ = Descriptor(); }

Cost InFreshProcess(const std::function<Cost()>& measure) {
  return AllInFreshProcess([&] { return std::vector<Cost>{measure()}; }).at(0);
}

std::vector<Cost> AllInFreshProcess(const std::function<std::vector<Cost>()>& measure) {
  auto [result, to_parent] = Pipe();
  const int told = to_parent.get();
  Process process = Process::Fork(
      [&] {
        for (const Cost& cost : measure()) {
          if (write(told, &cost, sizeof cost) != sizeof cost) return 1;
        }
        return 0;
      },
      {told});
  to_parent = Descriptor();
  std::vector<Cost> costs;
  for (Cost cost; read(result.get(), &cost, sizeof cost) == sizeof cost;) costs.push_back(cost);
  const interleave::ExitStatus end = process.Wait();
  if (!end.ok() || costs.empty()) {
    throw std::runtime_error("the process that measures " + end.Text());
  }
  return costs;
}

Cost RunUnwatched(interleave::Task<Cost> task) {
  interleave::EventLoop::SetHooks({});
  return interleave::Run(std::move(task));
}

std::string Time(double seconds) {
  if (seconds >= 1) return WithUnit(seconds, 1e9, {"s"});
  return WithUnit(seconds * 1e9, 1000, {"ns", "us", "ms"});
}

std::string Bytes(double bytes) { return WithUnit(bytes, 1024, {"B", "KB", "MB", "GB", "TB"}); }
