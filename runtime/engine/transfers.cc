#include "runtime/engine/transfers.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

#include "runtime/engine/answer_words.h"
#include "runtime/engine/boundary.h"
#include "runtime/engine/deliveries.h"
#include "runtime/engine/descriptor_waits.h"
#include "runtime/engine/descriptors.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/signals.h"

namespace interleave::engine {
namespace {

INTERLEAVE_REAL(poll);

// The descriptor may not wait while this exists.
class NonBlocking {
 public:
  explicit NonBlocking(int fd) : fd_(fd), flags_(fcntl(fd, F_GETFL)) {
    if (!(flags_ & O_NONBLOCK)) fcntl(fd_, F_SETFL, flags_ | O_NONBLOCK);
  }
  ~NonBlocking() {
    int error = errno;
    if (!(flags_ & O_NONBLOCK)) fcntl(fd_, F_SETFL, flags_);
    errno = error;
  }
  NonBlocking(const NonBlocking&) = delete;
  NonBlocking& operator=(const NonBlocking&) = delete;

 private:
  int fd_;
  int flags_;
};

bool MayWait(const TransferCall& call) {
  return !call.dont_wait && !(fcntl(call.fd, F_GETFL) & O_NONBLOCK);
}

// SO_RCVTIMEO, SO_SNDTIMEO.
Time Deadline(int fd, int option) {
  timeval limit = {};
  socklen_t size = sizeof limit;
  if (getsockopt(fd, SOL_SOCKET, option, &limit, &size) != 0) return kNever;
  Time length = limit.tv_sec * Time{1'000'000'000} + limit.tv_usec * Time{1000};
  return length == 0 ? kNever : scheduler.Clock().Now() + length;
}

// As much as is asked for, one byte, or half of it.
std::size_t ChoosePart(std::size_t all) {
  if (!descriptors.partial_io || all < 2) return all;
  if (answer_words.on) {
    const auto bytes = [](std::size_t size) { return std::to_string(size) + " of the bytes"; };
    answer_words.Say({"all " + bytes(all), bytes(1), bytes(all / 2)});
  }
  switch (scheduler.Choose(all > 3 ? 3 : 2)) {
    case 0:
      return all;
    case 1:
      return 1;
    default:
      return all / 2;
  }
}

// Stops until `fd` is ready, or just before looking whether it is. False: the result is `error`.
bool Stand(StepKind kind, const Channel* channel, const TransferCall& call, bool may_wait,
           short events, Time deadline, int& error) {
  if (!may_wait) {
    if (kind == StepKind::kReceive) {
      scheduler.Look(kind, channel, call.place);
    } else {
      scheduler.Visible(kind, channel, call.place);
    }
    return true;
  }
  const pollfd wanted = {call.fd, events, 0};
  for (;;) {
    switch (descriptor_waits.StandBefore(kind, channel, call.place, &wanted, 1, deadline)) {
      case DescriptorWaits::End::kReady:
        return true;
      case DescriptorWaits::End::kTimeOut:
        error = EAGAIN;
        return false;
      case DescriptorWaits::End::kSignal:
        error = EINTR;
        if (!signals.Deliver()) return false;
    }
  }
}

bool HasNoReader(int fd) {
  pollfd wanted = {fd, POLLOUT, 0};
  return real_poll(&wanted, 1, 0) > 0 && (wanted.revents & POLLERR);
}

struct Result {
  ssize_t value;
  int error;
};

Result ReceiveInScope(const TransferCall& call, const RealTransfer& real) {
  Descriptor* found = descriptors.Find(call.fd);
  if (found == nullptr) {
    ssize_t value = real(0, call.size);
    return {value, errno};
  }
  const Descriptor from = *found;
  const bool may_wait = MayWait(call);
  const Time deadline = may_wait ? Deadline(call.fd, SO_RCVTIMEO) : kNever;
  std::size_t done = 0;
  int error = 0;
  const auto failed = [&] { return Result{done > 0 ? static_cast<ssize_t>(done) : -1, error}; };
  for (;;) {
    if (!Stand(StepKind::kReceive, from.channel, call, may_wait, POLLIN, deadline, error)) {
      return failed();
    }
    std::size_t limit = call.size - done;
    int there = 0;
    if (descriptors.partial_io && !call.whole && ioctl(call.fd, FIONREAD, &there) == 0) {
      limit = ChoosePart(std::min(limit, static_cast<std::size_t>(std::max(there, 1))));
    }
    ssize_t value = real(done, limit);
    error = errno;
    if (value < 0 && error == EAGAIN && may_wait) continue;
    if (value < 0) return failed();
    scheduler.Changed();
    ReceiveKnowledge(from, scheduler.Current());
    deliveries.Settle(*from.channel);
    descriptor_waits.Refresh();
    done += static_cast<std::size_t>(value);
    if (value == 0 || done == call.size || !call.until_full) return {static_cast<ssize_t>(done), 0};
  }
}

Result SendInScope(const TransferCall& call, const RealTransfer& real) {
  Descriptor* found = descriptors.Find(call.fd);
  if (found == nullptr) {
    ssize_t value = real(0, call.size);
    return {value, errno};
  }
  const Descriptor to = *found;
  const bool may_wait = MayWait(call);
  const Time deadline = may_wait ? Deadline(call.fd, SO_SNDTIMEO) : kNever;
  std::size_t done = 0;
  int error = 0;
  const auto failed = [&] { return Result{done > 0 ? static_cast<ssize_t>(done) : -1, error}; };
  for (;;) {
    if (!Stand(StepKind::kSend, to.channel, call, may_wait, POLLOUT, deadline, error)) {
      return failed();
    }
    ssize_t value = -1;
    error = EPIPE;
    if (to.channel->kind != Channel::Kind::kPipe || !HasNoReader(call.fd)) {
      std::size_t limit = call.size - done;
      if (!may_wait && !call.whole) limit = ChoosePart(limit);
      NonBlocking non_blocking(call.fd);
      value = real(done, limit);
      error = errno;
    }
    if (value < 0 && error == EAGAIN && may_wait) continue;
    if (value < 0) return failed();
    SendKnowledge(to, scheduler.Current());
    deliveries.Settle(*to.channel);
    descriptor_waits.Refresh();
    done += static_cast<std::size_t>(value);
    if (done == call.size || !may_wait || call.whole) return {static_cast<ssize_t>(done), 0};
  }
}

}  // namespace

ssize_t Receive(const TransferCall& call, const RealTransfer& real) {
  Result result;
  {
    EngineScope scope;
    result = ReceiveInScope(call, real);
  }
  errno = result.error;
  return result.value;
}

ssize_t Send(const TransferCall& call, const RealTransfer& real) {
  Result result;
  {
    EngineScope scope;
    result = SendInScope(call, real);
  }
  if (result.value < 0 && result.error == EPIPE && !call.no_signal) RaiseHere(SIGPIPE, call.place);
  errno = result.error;
  return result.value;
}

}  // namespace interleave::engine
