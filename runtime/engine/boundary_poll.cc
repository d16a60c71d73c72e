// The boundary for waiting on several descriptors: poll, select, epoll. The waits are virtual, the
// answers are the kernel's, asked for without waiting once it is the thread's turn.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "runtime/engine/boundary.h"
#include "runtime/engine/descriptor_waits.h"
#include "runtime/engine/descriptors.h"
#include "runtime/engine/epoll_sets.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/signals.h"
#include "runtime/engine/timer_descriptors.h"

namespace interleave::engine {
namespace {

INTERLEAVE_REAL(poll);
INTERLEAVE_REAL(ppoll);
INTERLEAVE_REAL(select);
INTERLEAVE_REAL(pselect);
INTERLEAVE_REAL(epoll_create1);
INTERLEAVE_REAL(epoll_ctl);
INTERLEAVE_REAL(epoll_wait);
INTERLEAVE_REAL(epoll_pwait);
constinit Real<int(int, epoll_event*, int, const timespec*, const sigset_t*)> real_epoll_pwait2{
    "epoll_pwait2"};

constexpr Time kMillisecond = 1'000'000;

Time In(Time duration) { return scheduler.Clock().Now() + duration; }

// Of a time-out in milliseconds; negative: never.
Time Milliseconds(int timeout) { return timeout < 0 ? kNever : In(timeout * kMillisecond); }

Time Of(const timespec* timeout) { return timeout == nullptr ? kNever : In(ToTime(*timeout)); }

// The object of the step is the first descriptor's channel; it depends on the others as well.
const void* ChannelOf(const pollfd* wanted, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (Descriptor* descriptor = descriptors.Find(wanted[i].fd)) return descriptor->channel;
  }
  return nullptr;
}

void LooksAt(int fd) {
  if (Descriptor* descriptor = descriptors.Find(fd)) {
    scheduler.Touches(descriptor->channel, /*write=*/false);
  }
}

// Who sees that a descriptor is ready knows what those knew who made it so.
void Learn(int fd) {
  if (Descriptor* descriptor = descriptors.Find(fd)) {
    ReceiveKnowledge(*descriptor, scheduler.Current());
  }
}

// Stops until one of `wanted` is ready, `deadline` comes, or a signal: then false, with EINTR.
bool AwaitReady(const pollfd* wanted, std::size_t count, Time deadline, std::uintptr_t place) {
  const void* object = ChannelOf(wanted, count);
  if (count == 0 && deadline != kNever) {
    TakeSignals();
    bool interrupted = scheduler.Wait(StepKind::kSleep, nullptr, place, deadline, true);
    if (interrupted) signals.Deliver();
    errno = EINTR;
    return !interrupted;
  }
  if (deadline <= scheduler.Clock().Now()) {
    timer_descriptors.Fire(scheduler.Clock().Now());
    scheduler.Look(StepKind::kPoll, object, place);
  } else {
    switch (descriptor_waits.StandBefore(StepKind::kPoll, object, place, wanted, count, deadline)) {
      case DescriptorWaits::End::kSignal:
        signals.Deliver();
        errno = EINTR;
        return false;
      case DescriptorWaits::End::kReady:
      case DescriptorWaits::End::kTimeOut:
        break;
    }
  }
  for (std::size_t i = 0; i < count; ++i) LooksAt(wanted[i].fd);
  return true;
}

// The mask that a call sets for the time of its wait.
class Masked {
 public:
  explicit Masked(const sigset_t* mask) : before_(signals.Mask()) {
    if (mask == nullptr) return;
    signals.SetMask(ToSignalSet(*mask));
    interrupted_ = !signals.Deliver();
  }
  ~Masked() { signals.SetMask(before_); }
  Masked(const Masked&) = delete;
  Masked& operator=(const Masked&) = delete;

  // What the mask let through was pending already: the call has been interrupted.
  bool Interrupted() const {
    if (interrupted_) errno = EINTR;
    return interrupted_;
  }

 private:
  SignalSet before_;
  bool interrupted_ = false;
};

int Poll(pollfd* wanted, nfds_t count, Time deadline, std::uintptr_t place) {
  if (!AwaitReady(wanted, count, deadline, place)) return -1;
  int ready = real_poll(wanted, count, 0);
  int error = errno;
  for (nfds_t i = 0; i < count; ++i) {
    if (wanted[i].revents != 0) Learn(wanted[i].fd);
  }
  if (ready > 0) scheduler.Changed();
  errno = error;
  return ready;
}

int Select(int count, fd_set* read, fd_set* write, fd_set* except, Time deadline,
           std::uintptr_t place) {
  std::vector<pollfd> wanted;
  for (int fd = 0; fd < count; ++fd) {
    int events = 0;
    if (read != nullptr && FD_ISSET(fd, read)) events |= POLLIN;
    if (write != nullptr && FD_ISSET(fd, write)) events |= POLLOUT;
    if (except != nullptr && FD_ISSET(fd, except)) events |= POLLPRI;
    if (events != 0) wanted.push_back({fd, static_cast<short>(events), 0});
  }
  if (!AwaitReady(wanted.data(), wanted.size(), deadline, place)) return -1;
  timeval no_time = {0, 0};
  int ready = real_select(count, read, write, except, &no_time);
  int error = errno;
  for (const pollfd& one : wanted) {
    bool set = (read != nullptr && FD_ISSET(one.fd, read)) ||
               (write != nullptr && FD_ISSET(one.fd, write));
    if (ready > 0 && set) Learn(one.fd);
  }
  if (ready > 0) scheduler.Changed();
  errno = error;
  return ready;
}

int EpollWait(int epoll, epoll_event* events, int room, Time deadline, std::uintptr_t place) {
  const pollfd wanted = {epoll, POLLIN, 0};
  if (!AwaitReady(&wanted, 1, deadline, place)) return -1;
  const std::vector<EpollSets::Member>& members = epoll_sets.MembersOf(epoll);
  for (const EpollSets::Member& member : members) LooksAt(member.fd);
  int ready = real_epoll_wait(epoll, events, room, 0);
  if (ready <= 0) return ready;
  scheduler.Changed();
  scheduler.Touches(descriptors.Find(epoll)->channel);  // what it has returned it may not again
  epoll_sets.Sort(epoll, events, ready);
  Learn(epoll);
  for (int i = 0; i < ready; ++i) {
    for (const EpollSets::Member& member : members) {
      if (member.data == events[i].data.u64) Learn(member.fd);
    }
  }
  descriptor_waits.Refresh();
  return ready;
}

}  // namespace
}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_BOUNDARY int poll(pollfd* wanted, nfds_t count, int timeout) {
  if (!Inside()) return real_poll(wanted, count, timeout);
  EngineScope scope;
  return Poll(wanted, count, Milliseconds(timeout), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int __poll_chk(pollfd* wanted, nfds_t count, int timeout, size_t room) {
  if (count > room / sizeof(pollfd)) std::abort();
  return poll(wanted, count, timeout);
}

INTERLEAVE_BOUNDARY int ppoll(pollfd* wanted, nfds_t count, const timespec* timeout,
                              const sigset_t* mask) {
  if (!Inside()) return real_ppoll(wanted, count, timeout, mask);
  EngineScope scope;
  Masked masked(mask);
  if (masked.Interrupted()) return -1;
  return Poll(wanted, count, Of(timeout), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int select(int count, fd_set* read, fd_set* write, fd_set* except,
                               timeval* timeout) {
  if (!Inside()) return real_select(count, read, write, except, timeout);
  EngineScope scope;
  Time now = scheduler.Clock().Now();
  Time deadline = kNever;
  if (timeout != nullptr) {
    deadline = now + timeout->tv_sec * 1000 * kMillisecond + timeout->tv_usec * Time{1000};
  }
  int ready = Select(count, read, write, except, deadline, INTERLEAVE_PLACE);
  if (timeout != nullptr) {  // as on Linux: what is left of it
    Time left = std::max<Time>(0, deadline - scheduler.Clock().Now());
    *timeout = {left / (1000 * kMillisecond), left % (1000 * kMillisecond) / 1000};
  }
  return ready;
}

INTERLEAVE_BOUNDARY int pselect(int count, fd_set* read, fd_set* write, fd_set* except,
                                const timespec* timeout, const sigset_t* mask) {
  if (!Inside()) return real_pselect(count, read, write, except, timeout, mask);
  EngineScope scope;
  Masked masked(mask);
  if (masked.Interrupted()) return -1;
  return Select(count, read, write, except, Of(timeout), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int epoll_create1(int flags) noexcept {
  int fd = real_epoll_create1(flags);
  if (fd < 0 || !Inside()) return fd;
  EngineScope scope;
  descriptors.Add(fd, descriptors.NewChannel(Channel::Kind::kPoller), 0);
  return fd;
}

INTERLEAVE_BOUNDARY int epoll_create(int size) noexcept {
  if (size <= 0) {
    errno = EINVAL;
    return -1;
  }
  return epoll_create1(0);
}

INTERLEAVE_BOUNDARY int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  if (!Inside()) return real_epoll_ctl(epoll, operation, fd, event);
  EngineScope scope;
  Descriptor* found = descriptors.Find(epoll);
  if (found == nullptr) return real_epoll_ctl(epoll, operation, fd, event);
  const Descriptor set = *found;
  scheduler.Visible(StepKind::kSend, set.channel, INTERLEAVE_PLACE);
  LooksAt(fd);
  int result = real_epoll_ctl(epoll, operation, fd, event);
  if (result != 0) return result;
  epoll_sets.Control(epoll, operation, fd, event);
  SendKnowledge(set, scheduler.Current());
  descriptor_waits.Refresh();
  return 0;
}

INTERLEAVE_BOUNDARY int epoll_wait(int epoll, epoll_event* events, int room, int timeout) {
  if (!Inside()) return real_epoll_wait(epoll, events, room, timeout);
  EngineScope scope;
  return EpollWait(epoll, events, room, Milliseconds(timeout), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int epoll_pwait(int epoll, epoll_event* events, int room, int timeout,
                                    const sigset_t* mask) {
  if (!Inside()) return real_epoll_pwait(epoll, events, room, timeout, mask);
  EngineScope scope;
  Masked masked(mask);
  if (masked.Interrupted()) return -1;
  return EpollWait(epoll, events, room, Milliseconds(timeout), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int epoll_pwait2(int epoll, epoll_event* events, int room,
                                     const timespec* timeout, const sigset_t* mask) {
  if (!Inside()) return real_epoll_pwait2(epoll, events, room, timeout, mask);
  EngineScope scope;
  Masked masked(mask);
  if (masked.Interrupted()) return -1;
  return EpollWait(epoll, events, room, Of(timeout), INTERLEAVE_PLACE);
}
