// The boundary for descriptors in general: reading and writing, pipes, eventfd, timerfd, copies,
// closing. Regular files go straight through.
//
// What is written to stdout and stderr never comes here (boundary_output.cc).
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <string>

#include "runtime/engine/boundary.h"
#include "runtime/engine/deliveries.h"
#include "runtime/engine/descriptor_waits.h"
#include "runtime/engine/descriptors.h"
#include "runtime/engine/epoll_sets.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/signals.h"
#include "runtime/engine/timer_descriptors.h"
#include "runtime/engine/transfers.h"

namespace interleave::engine {
namespace {

INTERLEAVE_REAL(read);
INTERLEAVE_REAL(readv);
INTERLEAVE_REAL(pipe2);
INTERLEAVE_REAL(eventfd);
INTERLEAVE_REAL(eventfd_read);
INTERLEAVE_REAL(eventfd_write);
INTERLEAVE_REAL(timerfd_create);
INTERLEAVE_REAL(timerfd_settime);
INTERLEAVE_REAL(timerfd_gettime);
INTERLEAVE_REAL(close);
INTERLEAVE_REAL(dup);
INTERLEAVE_REAL(dup2);
INTERLEAVE_REAL(dup3);
INTERLEAVE_REAL(fclose);
constinit Real<int(int, int, void*)> real_fcntl{"fcntl"};
constinit Real<int(const char*, int, mode_t)> real_open{"open"};
constinit Real<int(int, const char*, int, mode_t)> real_openat{"openat"};

// What the others see when `fd` is no more.
void BeforeLastClose(int fd) {
  Descriptor* descriptor = descriptors.Find(fd);
  if (descriptor == nullptr) return;
  Channel& channel = *descriptor->channel;
  SendKnowledge(*descriptor, scheduler.Current());
  if (channel.open[descriptor->end] > 1) return;
  deliveries.Close(channel, descriptor->end);
  for (Channel* arrival : channel.arrivals) deliveries.Close(*arrival, 1);
}

int Close(int fd, std::uintptr_t place) {
  Channel* channel = nullptr;
  if (Descriptor* descriptor = descriptors.Find(fd)) {
    channel = descriptor->channel;
    scheduler.Visible(StepKind::kSend, channel, place);
    BeforeLastClose(fd);
  }
  int result = real_close(fd);
  int error = errno;
  descriptors.Forget(fd);
  epoll_sets.Closed(fd);
  timer_descriptors.Closed(fd);
  signals.Closed(fd);
  if (channel != nullptr) {
    deliveries.Settle(*channel);
    for (Channel* arrival : channel->arrivals) deliveries.Settle(*arrival);
    descriptor_waits.Refresh();
  }
  errno = error;
  return result;
}

// A copy of `fd` under the number `copy`; -1: it failed.
int Copied(int copy, int fd) {
  if (copy >= 0) descriptors.AddCopy(copy, fd);
  return copy;
}

int OpenFile(int fd) {
  if (fd >= 0 && Inside()) {
    EngineScope scope;
    descriptors.AddFile(fd);
  }
  return fd;
}

// eventfd_read and eventfd_write are calls of their own in libc.
bool IsWhole(int fd) {
  EngineScope scope;
  Descriptor* descriptor = descriptors.Find(fd);
  if (descriptor == nullptr) return true;
  Channel::Kind kind = descriptor->channel->kind;
  return kind != Channel::Kind::kPipe && !descriptor->channel->stream;
}

}  // namespace

ssize_t WriteDescriptor(int fd, const void* bytes, std::size_t size, std::uintptr_t place) {
  static constinit Real<decltype(::write)> real_write{"write"};
  auto* begin = static_cast<const char*>(bytes);
  return Send(
      {.fd = fd, .place = place, .size = size, .whole = IsWhole(fd)},
      [&](std::size_t done, std::size_t limit) { return real_write(fd, begin + done, limit); });
}

ssize_t WriteDescriptor(int fd, const iovec* pieces, int count, std::uintptr_t place) {
  std::string all;
  {
    EngineScope scope;
    for (int i = 0; i < count; ++i) {
      all.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    }
  }
  ssize_t written = WriteDescriptor(fd, all.data(), all.size(), place);
  EngineScope scope;
  std::string().swap(all);
  return written;
}

}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_BOUNDARY ssize_t read(int fd, void* bytes, size_t size) {
  if (!Inside()) return real_read(fd, bytes, size);
  auto* begin = static_cast<char*>(bytes);
  return Receive(
      {.fd = fd, .place = INTERLEAVE_PLACE, .size = size, .whole = IsWhole(fd)},
      [&](std::size_t done, std::size_t limit) { return real_read(fd, begin + done, limit); });
}

INTERLEAVE_BOUNDARY ssize_t __read_chk(int fd, void* bytes, size_t size, size_t room) {
  if (size > room) std::abort();
  return read(fd, bytes, size);
}

INTERLEAVE_BOUNDARY ssize_t readv(int fd, const iovec* pieces, int count) {
  if (!Inside()) return real_readv(fd, pieces, count);
  return Receive({.fd = fd, .place = INTERLEAVE_PLACE, .size = 1, .whole = true},
                 [&](std::size_t, std::size_t) { return real_readv(fd, pieces, count); });
}

INTERLEAVE_BOUNDARY int pipe2(int* ends, int flags) noexcept {
  int result = real_pipe2(ends, flags);
  if (result != 0 || !Inside()) return result;
  EngineScope scope;
  Channel& channel = descriptors.NewChannel(Channel::Kind::kPipe);
  for (int end : {0, 1}) descriptors.Add(ends[end], channel, end);
  return 0;
}

INTERLEAVE_BOUNDARY int pipe(int* ends) noexcept { return pipe2(ends, 0); }

INTERLEAVE_BOUNDARY int eventfd(unsigned value, int flags) noexcept {
  int fd = real_eventfd(value, flags);
  if (fd < 0 || !Inside()) return fd;
  EngineScope scope;
  descriptors.Add(fd, descriptors.NewChannel(Channel::Kind::kEvents), 0);
  return fd;
}

INTERLEAVE_BOUNDARY int eventfd_read(int fd, eventfd_t* value) {
  if (!Inside()) return real_eventfd_read(fd, value);
  return read(fd, value, sizeof *value) == sizeof *value ? 0 : -1;
}

INTERLEAVE_BOUNDARY int eventfd_write(int fd, eventfd_t value) {
  if (!Inside()) return real_eventfd_write(fd, value);
  return WriteDescriptor(fd, &value, sizeof value, INTERLEAVE_PLACE) == sizeof value ? 0 : -1;
}

INTERLEAVE_BOUNDARY int timerfd_create(clockid_t clock, int flags) noexcept {
  if (!Inside()) return real_timerfd_create(clock, flags);
  EngineScope scope;
  int fd = real_eventfd(0, flags);  // its flags have the same values
  if (fd < 0) return fd;
  descriptors.Add(fd, descriptors.NewChannel(Channel::Kind::kTimer), 0);
  timer_descriptors.Add(fd);
  return fd;
}

INTERLEAVE_BOUNDARY int timerfd_settime(int fd, int flags, const itimerspec* value,
                                        itimerspec* before) noexcept {
  if (!Inside()) return real_timerfd_settime(fd, flags, value, before);
  EngineScope scope;
  if (!timer_descriptors.IsTimer(fd)) return real_timerfd_settime(fd, flags, value, before);
  Descriptor timer = *descriptors.Find(fd);
  scheduler.Visible(StepKind::kSend, timer.channel, INTERLEAVE_PLACE);
  if (before != nullptr) *before = timer_descriptors.Get(fd);
  timer_descriptors.Set(fd, (flags & TFD_TIMER_ABSTIME) != 0, *value);
  SendKnowledge(timer, scheduler.Current());
  descriptor_waits.Refresh();
  return 0;
}

INTERLEAVE_BOUNDARY int timerfd_gettime(int fd, itimerspec* value) noexcept {
  if (!Inside() || !timer_descriptors.IsTimer(fd)) return real_timerfd_gettime(fd, value);
  *value = timer_descriptors.Get(fd);
  return 0;
}

INTERLEAVE_BOUNDARY int close(int fd) {
  if (!Inside()) return real_close(fd);
  EngineScope scope;
  return Close(fd, INTERLEAVE_PLACE);
}

// Closes past the boundary.
INTERLEAVE_BOUNDARY int fclose(std::FILE* file) {
  if (!Inside()) return real_fclose(file);
  EngineScope scope;
  int fd = fileno(file);
  Channel* channel = nullptr;
  if (Descriptor* descriptor = descriptors.Find(fd)) {
    channel = descriptor->channel;
    scheduler.Visible(StepKind::kSend, channel, INTERLEAVE_PLACE);
    BeforeLastClose(fd);
  }
  int result = real_fclose(file);
  descriptors.Forget(fd);
  if (channel != nullptr) {
    deliveries.Settle(*channel);
    descriptor_waits.Refresh();
  }
  return result;
}

INTERLEAVE_BOUNDARY int dup(int fd) noexcept {
  if (!Inside()) return real_dup(fd);
  EngineScope scope;
  return Copied(real_dup(fd), fd);
}

INTERLEAVE_BOUNDARY int dup3(int fd, int copy, int flags) noexcept {
  if (!Inside()) return real_dup3(fd, copy, flags);
  EngineScope scope;
  if (fd != copy && fcntl(copy, F_GETFD) >= 0) Close(copy, INTERLEAVE_PLACE);
  return Copied(real_dup3(fd, copy, flags), fd);
}

INTERLEAVE_BOUNDARY int dup2(int fd, int copy) noexcept {
  if (!Inside() || fd == copy) return real_dup2(fd, copy);
  return dup3(fd, copy, 0);
}

INTERLEAVE_BOUNDARY int fcntl(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void* argument = va_arg(list, void*);
  va_end(list);
  int result = real_fcntl(fd, command, argument);
  if (!Inside() || (command != F_DUPFD && command != F_DUPFD_CLOEXEC)) return result;
  EngineScope scope;
  return Copied(result, fd);
}

INTERLEAVE_BOUNDARY int fcntl64(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void* argument = va_arg(list, void*);
  va_end(list);
  return fcntl(fd, command, argument);
}

// Files are opened here only to be closed at the end of a run that did not come to it.

INTERLEAVE_BOUNDARY int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  auto mode = static_cast<mode_t>(va_arg(list, unsigned));
  va_end(list);
  return OpenFile(real_open(path, flags, mode));
}

INTERLEAVE_BOUNDARY int open64(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  auto mode = static_cast<mode_t>(va_arg(list, unsigned));
  va_end(list);
  return OpenFile(real_open(path, flags | O_LARGEFILE, mode));
}

INTERLEAVE_BOUNDARY int openat(int folder, const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  auto mode = static_cast<mode_t>(va_arg(list, unsigned));
  va_end(list);
  return OpenFile(real_openat(folder, path, flags, mode));
}

INTERLEAVE_BOUNDARY int openat64(int folder, const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  auto mode = static_cast<mode_t>(va_arg(list, unsigned));
  va_end(list);
  return OpenFile(real_openat(folder, path, flags | O_LARGEFILE, mode));
}
