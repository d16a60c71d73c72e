// runtime/async/loop_inbox.cc

#include "runtime/async/loop_inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace interleave {
namespace {

int MakeEventFd() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "EventLoop: eventfd");
  return fd;
}

}  // namespace

LoopInbox::LoopInbox(EventLoop& loop) : loop_(loop), fd_(MakeEventFd()) {}

LoopInbox::~LoopInbox() { close(fd_); }

void LoopInbox::WakeFromSignal() noexcept {
  const int error = errno;  // a handler must not change it
  const std::uint64_t one = 1;
  // Fails only if the counter is full, and then the loop is awake.
  [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
  errno = error;
}

void LoopInbox::ClearWakeUp() noexcept {
  std::uint64_t count;
  [[maybe_unused]] const ssize_t got = read(fd_, &count, sizeof count);
}

bool LoopInbox::PostCallback(Callback& callback) {
  callback.Share();
  {
    std::unique_lock lock(mutex_);
    if (!closed_) {
      // Only the first needs to wake the loop: it takes all.
      const bool first = posted_.empty();
      posted_.Push(callback);
      any_.store(true, std::memory_order_release);
      // Under the lock, so that the descriptor can't be closed in between.
      if (first) WakeFromSignal();
      return true;
    }
  }
  callback.Release();
  return false;
}

void LoopInbox::MoveTo(RunnableList& ready) {
  std::lock_guard lock(mutex_);
  ready.Append(posted_);
  any_.store(false, std::memory_order_release);
}

void LoopInbox::Close() {
  RunnableList dropped;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    dropped.Append(posted_);
    any_.store(false, std::memory_order_release);
  }
  while (!dropped.empty()) dropped.Pop().Drop();
}

}  // namespace interleave
