// runtime/process/answer_wait.cc

#include "runtime/process/answer_wait.h"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <system_error>

namespace interleave {
namespace {

void Listen(int epoll, int operation, int fd, std::uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll, operation, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

}  // namespace

AnswerWait::AnswerWait(int socket, int end)
    : socket_(socket), end_(end), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  Listen(epoll_.get(), EPOLL_CTL_ADD, socket_, EPOLLIN);
  Listen(epoll_.get(), EPOLL_CTL_ADD, end_, EPOLLIN);
}

bool AnswerWait::Await() const {
  epoll_event events[2];
  const int count = epoll_wait(epoll_.get(), events, 2, -1);
  return std::any_of(events, events + std::max(count, 0),
                     [this](const epoll_event& event) { return event.data.fd == end_; });
}

// That the other side is closed an epoll tells in any case.
void AnswerWait::ListenToSocket(bool listen) {
  Listen(epoll_.get(), EPOLL_CTL_MOD, socket_, listen ? std::uint32_t{EPOLLIN} : 0u);
}

bool AnswerWait::StandIn::Await(Deadline deadline) const {
  using namespace std::chrono;
  pollfd either[2] = {{wait_.socket_, POLLIN, 0}, {wait_.end_, POLLIN, 0}};
  int ready;
  do {
    timespec left = {};
    if (deadline) {
      const auto time = std::max(0ns, nanoseconds(*deadline - steady_clock::now()));
      left = {.tv_sec = time / 1s, .tv_nsec = (time % 1s).count()};
    }
    ready = ppoll(either, 2, deadline ? &left : nullptr, nullptr);
  } while (ready < 0);  // a signal came
  return either[0].revents != 0;
}

}  // namespace interleave
