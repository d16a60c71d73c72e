// runtime/async/loop_watches.cc
//
// What EventLoop listens to: descriptors and signals.

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "runtime/async/event_loop.h"

namespace interleave {

// Descriptors.

std::uint32_t EventLoop::Watch::events() const {
  std::uint32_t events = 0;
  if (reader.get() != nullptr || watcher != nullptr) events |= EPOLLIN;
  if (writer.get() != nullptr) events |= EPOLLOUT;
  return events;
}

void EventLoop::UpdateEpoll(int fd, std::uint32_t before, std::uint32_t after) {
  const int action = after == 0 ? EPOLL_CTL_DEL : before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  epoll_event event{};
  event.events = after;
  event.data.fd = fd;
  if (epoll_ctl(epoll_fd_, action, fd, &event) == 0) return;
  // A descriptor that was closed has left the epoll by itself.
  if (action == EPOLL_CTL_DEL) return;
  throw std::system_error(errno, std::generic_category(),
                          "EventLoop: descriptor " + std::to_string(fd) + " cannot be watched");
}

// The kernel gives the smallest free number, so a vector by number has few holes.
EventLoop::Watch& EventLoop::WatchOf(int fd) {
  const auto number = static_cast<std::size_t>(fd < 0 ? 0 : fd);  // the kernel refuses those
  if (number >= watches_.size()) watches_.resize(number + 1);
  return watches_[number];
}

void EventLoop::SetWatch(int fd, Handle Watch::*which, Callback& callback) {
  Handle added(&callback);
  Watch& watch = WatchOf(fd);
  const std::uint32_t before = watch.events();
  const std::uint32_t event = which == &Watch::reader ? EPOLLIN : EPOLLOUT;
  if ((before & event) == 0) UpdateEpoll(fd, before, before | event);
  if (before == 0) ++watched_;
  std::swap(watch.*which, added);
  added.Cancel();  // the one before; it may be ready
}

void EventLoop::WatchReadable(int fd, ReadWatcher& watcher) {
  CheckOpen();
  Watch& watch = WatchOf(fd);
  const std::uint32_t before = watch.events();
  if ((before & EPOLLIN) == 0) UpdateEpoll(fd, before, before | EPOLLIN);
  if (before == 0) ++watched_;
  watch.watcher = &watcher;
}

void EventLoop::UnwatchReadable(int fd) {
  if (fd < 0 || static_cast<std::size_t>(fd) >= watches_.size()) return;
  Watch& watch = watches_[static_cast<std::size_t>(fd)];
  const std::uint32_t before = watch.events();
  watch.watcher = nullptr;
  if (watch.events() == before) return;
  UpdateEpoll(fd, before, watch.events());
  if (watch.events() == 0) --watched_;
}

bool EventLoop::ClearWatch(int fd, Handle Watch::*which) {
  if (fd < 0 || static_cast<std::size_t>(fd) >= watches_.size()) return false;
  Watch& watch = watches_[static_cast<std::size_t>(fd)];
  if ((watch.*which).get() == nullptr) return false;
  const std::uint32_t before = watch.events();
  std::exchange(watch.*which, Handle()).Cancel();  // it may be ready
  if (watch.events() != before) UpdateEpoll(fd, before, watch.events());
  if (watch.events() == 0) --watched_;
  return true;
}

bool EventLoop::RemoveReader(int fd) { return ClearWatch(fd, &Watch::reader); }
bool EventLoop::RemoveWriter(int fd) { return ClearWatch(fd, &Watch::writer); }

// Signals. The handler that the kernel calls may do next to nothing: it notes the signal and wakes
// the loop, which looks.

namespace {

struct CaughtSignal {
  std::atomic<LoopInbox*> inbox = nullptr;  // of the loop that wants it
  std::atomic<bool> pending = false;
  struct sigaction before;  // restored afterwards; the loop's
};
std::array<CaughtSignal, NSIG> caught_signals;

void NoteSignal(int signal) {
  CaughtSignal& caught = caught_signals[static_cast<std::size_t>(signal)];
  caught.pending = true;
  if (LoopInbox* inbox = caught.inbox; inbox != nullptr) inbox->WakeFromSignal();
}

}  // namespace

void EventLoop::CatchSignal(int signal, Callback& callback) {
  Handle added(&callback);
  if (signal < 1 || signal >= NSIG) {
    throw std::invalid_argument("EventLoop::AddSignalHandler: " + std::to_string(signal) +
                                " is no signal");
  }
  CaughtSignal& caught = caught_signals[static_cast<std::size_t>(signal)];
  if (!signal_handlers_.contains(signal)) {
    LoopInbox* nobody = nullptr;
    if (!caught.inbox.compare_exchange_strong(nobody, inbox_.get())) {
      throw std::logic_error("EventLoop::AddSignalHandler: another loop has signal " +
                             std::to_string(signal));
    }
    caught.pending = false;
    struct sigaction action {};
    action.sa_handler = NoteSignal;
    action.sa_flags = SA_RESTART;
    if (sigaction(signal, &action, &caught.before) != 0) {
      const int error = errno;
      caught.inbox = nullptr;
      throw std::system_error(error, std::generic_category(),
                              "EventLoop: signal " + std::to_string(signal));
    }
  }
  signal_handlers_[signal] = std::move(added);
}

bool EventLoop::RemoveSignalHandler(int signal) {
  const auto found = signal_handlers_.find(signal);
  if (found == signal_handlers_.end()) return false;
  found->second.Cancel();
  signal_handlers_.erase(found);
  CaughtSignal& caught = caught_signals[static_cast<std::size_t>(signal)];
  sigaction(signal, &caught.before, nullptr);
  caught.inbox = nullptr;
  return true;
}

void EventLoop::TakeSignals() {
  for (auto& [signal, handle] : signal_handlers_) {
    if (!caught_signals[static_cast<std::size_t>(signal)].pending.exchange(false)) continue;
    handle.get()->Share();
    ready_.Push(*handle.get());
  }
}

}  // namespace interleave
