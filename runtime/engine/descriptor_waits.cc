#include "runtime/engine/descriptor_waits.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

#include "runtime/engine/boundary.h"
#include "runtime/engine/child_processes.h"
#include "runtime/engine/deliveries.h"
#include "runtime/engine/descriptors.h"
#include "runtime/engine/epoll_sets.h"
#include "runtime/engine/recorder.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/signals.h"
#include "runtime/engine/timer_descriptors.h"
#include "runtime/engine/worker_processes.h"

namespace interleave::engine {

DescriptorWaits descriptor_waits;

namespace {

INTERLEAVE_REAL(ppoll);

// What a socket still holds back after this long waits for room in the receiver's buffer.
constexpr Time kDelivery = 50'000'000;
constexpr Time kLookAtDeliveries = 1'000'000;

// So often a child process is asked whether it still lives.
constexpr Time kLookAtChildren = 5'000'000;

bool IsReady(const pollfd* wanted, std::size_t count) {
  return std::any_of(wanted, wanted + count, [](const pollfd& one) { return one.revents != 0; });
}

// Calls `visit` with what a wait for `fd` depends on: its channel, and those in an epoll set.
template <typename Visit>
void ForEachChannel(int fd, Visit visit) {
  if (Descriptor* descriptor = descriptors.Find(fd)) visit(*descriptor->channel);
  for (const EpollSets::Member& member : epoll_sets.MembersOf(fd)) {
    if (Descriptor* descriptor = descriptors.Find(member.fd)) visit(*descriptor->channel);
  }
}

}  // namespace

DescriptorWaits::End DescriptorWaits::StandBefore(StepKind kind, const void* object,
                                                  std::uintptr_t place, const pollfd* wanted,
                                                  std::size_t count, Time deadline) {
  Thread& me = scheduler.Current();
  waits_.push_back({&me, wanted, count, AreReady(wanted, count), false});
  scheduler.Changed();
  scheduler.StandBefore(kind, object, place, waits_.back().ready, 0, deadline);
  auto mine = std::find_if(waits_.begin(), waits_.end(),
                           [&](const Wait& wait) { return wait.thread == &me; });
  bool interrupted = mine->interrupted;
  waits_.erase(mine);
  if (AreReady(wanted, count)) return End::kReady;
  return interrupted ? End::kSignal : End::kTimeOut;
}

bool DescriptorWaits::Has(const Thread& thread) const {
  return std::any_of(waits_.begin(), waits_.end(),
                     [&](const Wait& wait) { return wait.thread == &thread; });
}

bool DescriptorWaits::Interrupt(const Thread& thread) {
  for (Wait& wait : waits_) {
    if (wait.thread != &thread) continue;
    wait.interrupted = true;
    scheduler.MakeReady(*wait.thread);
    return true;
  }
  return false;
}

bool DescriptorWaits::AreReady(const pollfd* wanted, std::size_t count) {
  timer_descriptors.Fire(scheduler.Clock().Now());
  all_.assign(wanted, wanted + count);
  constexpr timespec kNoTime = {0, 0};
  return real_ppoll(all_.data(), count, &kNoTime, nullptr) > 0;
}

bool DescriptorWaits::Refresh() { return !waits_.empty() && Ask(0); }

// Waits for real at most `time`; kNever: without end.
bool DescriptorWaits::Ask(Time time) {
  all_.clear();
  for (const Wait& wait : waits_) all_.insert(all_.end(), wait.wanted, wait.wanted + wait.count);
  timespec limit = ToTimespec(time);
  if (real_ppoll(all_.data(), all_.size(), time == kNever ? nullptr : &limit, nullptr) < 0) {
    return signals.TakeArrived();
  }
  bool woken = false;
  const pollfd* answer = all_.data();
  for (Wait& wait : waits_) {
    bool ready = wait.interrupted || IsReady(answer, wait.count);
    answer += wait.count;
    if (ready == wait.ready) continue;
    wait.ready = ready;
    if (ready) {
      scheduler.MakeReady(*wait.thread);
      woken = true;
    } else {
      scheduler.MakeWait(*wait.thread);
      if (recorder.on) recorder.Blocks(*wait.thread);
    }
  }
  return woken;
}

bool DescriptorWaits::AwaitOthers(Time ahead) {
  for (Time waited = 0; waited < kDelivery && deliveries.Pending(); waited += kLookAtDeliveries) {
    if (Ask(kLookAtDeliveries)) return true;
  }
  deliveries.GiveUp();
  const auto shared = [](const Channel& channel) { return channel.shared; };
  while (WaitsForAny(shared) && child_processes.AnyAlive()) {
    if (Ask(kLookAtChildren) || signals.TakeArrived()) return true;
  }
  if (Ask(0)) return true;  // what the last one left behind
  const auto outside = [](const Channel& channel) { return channel.outside; };
  return WaitsForAny(outside) && Ask(ahead);
}

bool DescriptorWaits::WaitsForAny(bool (*is_meant)(const Channel&)) const {
  bool any = false;
  for (const Wait& wait : waits_) {
    for (std::size_t i = 0; i < wait.count; ++i) {
      ForEachChannel(wait.wanted[i].fd, [&](const Channel& channel) { any |= is_meant(channel); });
    }
  }
  return any;
}

bool DescriptorWaits::Watches(int fd) const {
  for (const Wait& wait : waits_) {
    for (std::size_t i = 0; i < wait.count; ++i) {
      int wanted = wait.wanted[i].fd;
      if (wanted == fd) return true;
      for (const EpollSets::Member& member : epoll_sets.MembersOf(wanted)) {
        if (member.fd == fd) return true;
      }
    }
  }
  return false;
}

std::string DescriptorWaits::Describe(const Thread& thread) const {
  for (const Wait& wait : waits_) {
    if (wait.thread != &thread) continue;
    if (thread.next.kind == StepKind::kProcess) return "waits for a child process to end";
    if (wait.count == 0) return "waits for a signal";
    if (wait.count > 1) {
      return "waits until one of " + std::to_string(wait.count) +
             " descriptors is ready, among them " + descriptors.Name(wait.wanted[0].fd);
    }
    const pollfd& wanted = wait.wanted[0];
    const std::string name = descriptors.Name(wanted.fd);
    if (!epoll_sets.MembersOf(wanted.fd).empty()) {
      // Its number would be another one in a process that was started with more descriptors.
      const Descriptor* epoll = descriptors.Find(wanted.fd);
      return "waits until a descriptor of " + descriptors.NameOfObject(epoll->channel) +
             " is ready";
    }
    if (thread.next.kind == StepKind::kPoll) {
      return "waits until " + name + " is ready";
    }
    return (wanted.events & POLLIN ? "waits to read " : "waits to write ") + name;
  }
  return "";
}

}  // namespace interleave::engine

namespace interleave {

void AwaitInRealTime(int fd, int other_fd, int limit_ms) {
  pollfd either[2] = {{fd, POLLIN, 0}, {other_fd, POLLIN, 0}};
  const timespec limit = {limit_ms / 1000, limit_ms % 1000 * 1'000'000L};
  while (engine::real_ppoll(either, 2, limit_ms < 0 ? nullptr : &limit, nullptr) < 0 &&
         errno == EINTR) {
  }
}

}  // namespace interleave
