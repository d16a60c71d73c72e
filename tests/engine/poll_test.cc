// tests/engine/poll_test.cc
//
// Waiting for several descriptors at once: poll, select, epoll, with time-outs and timers in
// virtual time.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Set = std::set<std::string>;
using Map = std::map<std::string, std::int64_t>;

// Milliseconds of the virtual clock since its start at 1 s.
std::string Clock() {
  auto now = std::chrono::steady_clock::now().time_since_epoch() - 1s;
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) + "ms";
}

std::string OutcomeOf(const Body& body) { return Simulate(body).outcome; }

TEST(Poll, TimesOutInVirtualTime) {
  EXPECT_EQ(OutcomeOf([] {
              int event = eventfd(0, 0);
              pollfd wanted = {event, POLLIN, 0};
              int ready = poll(&wanted, 1, 1500);
              close(event);
              return std::to_string(ready) + " at " + Clock();
            }),
            "0 at 1500ms");
}

TEST(Poll, WithoutDescriptorsIsASleep) {
  EXPECT_EQ(OutcomeOf([] {
              poll(nullptr, 0, 700);
              timeval limit = {1, 300'000};
              select(0, nullptr, nullptr, nullptr, &limit);
              return Clock();
            }),
            "2000ms");
}

TEST(Poll, SaysWhichDescriptorIsReady) {
  EXPECT_EQ(OutcomeOf([] {
              int a = eventfd(0, 0), b = eventfd(0, 0);
              std::thread writer([&] {
                std::this_thread::sleep_for(20ms);
                eventfd_write(b, 1);
              });
              pollfd wanted[] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
              int ready = poll(wanted, 2, 1000);
              std::string text = std::to_string(ready) + " " +
                                 std::to_string(wanted[0].revents == 0) +
                                 std::to_string(wanted[1].revents == POLLIN) + " at " + Clock();
              writer.join();
              close(a);
              close(b);
              return text;
            }),
            "1 11 at 20ms");
}

TEST(Poll, AWriteRightAtTheTimeOutMayComeFirstOrLast) {
  ExploreReport report = Explore([] {
    int event = eventfd(0, 0);
    std::thread writer([&] {
      std::this_thread::sleep_for(10ms);
      eventfd_write(event, 1);
    });
    pollfd wanted = {event, POLLIN, 0};
    int ready = poll(&wanted, 1, 10);
    writer.join();
    close(event);
    return ready == 1 ? "ready" : "too late";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"ready", "too late"}));
}

// It is ready when it begins to wait, but somebody else takes what was there: the time-out counts
// all the same.
TEST(Poll, KeepsItsTimeOutWhenAnotherThreadIsFaster) {
  ExploreReport report = Explore([] {
    int event = eventfd(1, 0);
    std::thread thief([&] {
      eventfd_t value;
      eventfd_read(event, &value);
    });
    pollfd wanted = {event, POLLIN, 0};
    int ready = poll(&wanted, 1, 10);
    std::string text = std::to_string(ready) + " at " + Clock();
    thief.join();
    close(event);
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"0 at 10ms", 1}, {"1 at 0ms", 1}}));
}

TEST(Poll, SelectReportsTheReadyOnesAndTheTimeLeft) {
  EXPECT_EQ(OutcomeOf([] {
              int ends[2];
              EXPECT_EQ(pipe(ends), 0);
              std::thread writer([&] {
                std::this_thread::sleep_for(400ms);
                EXPECT_EQ(write(ends[1], "x", 1), 1);
              });
              fd_set set;
              FD_ZERO(&set);
              FD_SET(ends[0], &set);
              timeval limit = {1, 0};
              int ready = select(ends[0] + 1, &set, nullptr, nullptr, &limit);
              std::string text = std::to_string(ready) + std::to_string(FD_ISSET(ends[0], &set)) +
                                 " left " + std::to_string(limit.tv_usec) + " at " + Clock();
              writer.join();
              close(ends[0]);
              close(ends[1]);
              return text;
            }),
            "11 left 600000 at 400ms");
}

TEST(Poll, KnowsWhatTheWriterKnew) {
  ExploreReport report = Explore([] {
    int event = eventfd(0, 0);
    int value = 0;
    std::thread writer([&] {
      value = 7;
      eventfd_write(event, 1);
    });
    pollfd wanted = {event, POLLIN, 0};
    poll(&wanted, 1, -1);
    std::string text = std::to_string(value);
    writer.join();
    close(event);
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"7", 1}}));
}

class Epoll {
 public:
  Epoll() : fd_(epoll_create1(0)) {}
  ~Epoll() { close(fd_); }
  void Add(int fd, std::uint32_t events = EPOLLIN) {
    epoll_event event = {};
    event.events = events;
    event.data.fd = fd;
    EXPECT_EQ(epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event), 0);
  }
  std::vector<int> Wait(int timeout) {
    epoll_event events[8];
    int count = epoll_wait(fd_, events, 8, timeout);
    std::vector<int> ready;
    for (int i = 0; i < count; ++i) ready.push_back(events[i].data.fd);
    return ready;
  }

 private:
  int fd_;
};

TEST(Epoll, ReturnsEventsInTheOrderOfRegistration) {
  ExploreReport report = Explore([] {
    int first = eventfd(0, 0), second = eventfd(0, 0);
    Epoll epoll;
    epoll.Add(second);
    epoll.Add(first);
    std::thread a([&] { eventfd_write(first, 1); });
    std::thread b([&] { eventfd_write(second, 1); });
    a.join();
    b.join();
    bool in_order = epoll.Wait(-1) == std::vector<int>{second, first};
    close(first);
    close(second);
    return in_order ? "second, first" : "something else";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"second, first", 2}}));
}

TEST(Epoll, AnEdgeIsReportedOnce) {
  EXPECT_EQ(OutcomeOf([] {
              int event = eventfd(0, 0);
              Epoll epoll;
              epoll.Add(event, EPOLLIN | EPOLLET);
              std::thread writer([&] {
                for (int i = 0; i < 2; ++i) {
                  std::this_thread::sleep_for(100ms);
                  eventfd_write(event, 1);
                }
              });
              std::string text;
              for (int i = 0; i < 3; ++i) {
                std::size_t events = epoll.Wait(150).size();
                text += std::to_string(events) + " at " + Clock() + ", ";
              }
              writer.join();
              close(event);
              return text;
            }),
            "1 at 100ms, 1 at 200ms, 0 at 350ms, ");
}

TEST(Epoll, TwoWaitersOfOneSetBothSeeALevel) {
  ExploreReport report = Explore([] {
    int event = eventfd(0, 0);
    Epoll epoll;
    epoll.Add(event);
    std::size_t seen_a = 0, seen_b = 0;
    std::thread a([&] { seen_a = epoll.Wait(-1).size(); });
    std::thread b([&] { seen_b = epoll.Wait(-1).size(); });
    eventfd_write(event, 1);
    a.join();
    b.join();
    close(event);
    return std::to_string(seen_a) + std::to_string(seen_b);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"11"}));
}

TEST(Epoll, Pwait2TakesNanoseconds) {
  EXPECT_EQ(OutcomeOf([] {
              int epoll = epoll_create1(0);
              epoll_event event;
              timespec limit = {0, 250'000};
              int ready = epoll_pwait2(epoll, &event, 1, &limit, nullptr);
              close(epoll);
              auto now = std::chrono::steady_clock::now().time_since_epoch() - 1s;
              return std::to_string(ready) + " at " + std::to_string(now.count());
            }),
            "0 at 250000");
}

int Timer(std::chrono::nanoseconds first, std::chrono::nanoseconds interval) {
  int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  const auto spec = [](std::chrono::nanoseconds t) {
    return timespec{t.count() / 1'000'000'000, t.count() % 1'000'000'000};
  };
  itimerspec value = {spec(interval), spec(first)};
  EXPECT_EQ(timerfd_settime(fd, 0, &value, nullptr), 0);
  return fd;
}

std::uint64_t Expirations(int fd) {
  std::uint64_t count = 0;
  EXPECT_EQ(read(fd, &count, sizeof count), static_cast<ssize_t>(sizeof count));
  return count;
}

TEST(Timerfd, ReadsWaitForItsTime) {
  EXPECT_EQ(OutcomeOf([] {
              int timer = Timer(1s, 250ms);
              std::string text;
              for (int i = 0; i < 3; ++i) {
                std::uint64_t expirations = Expirations(timer);
                text += std::to_string(expirations) + " at " + Clock() + ", ";
              }
              std::this_thread::sleep_for(1100ms);
              text += std::to_string(Expirations(timer)) + " at " + Clock();
              close(timer);
              return text;
            }),
            "1 at 1000ms, 1 at 1250ms, 1 at 1500ms, 4 at 2600ms");
}

TEST(Timerfd, SaysWhatIsLeftAndCanBeDisarmed) {
  EXPECT_EQ(OutcomeOf([] {
              int timer = Timer(1s, 0s);
              std::this_thread::sleep_for(300ms);
              itimerspec left;
              EXPECT_EQ(timerfd_gettime(timer, &left), 0);
              itimerspec off = {};
              EXPECT_EQ(timerfd_settime(timer, 0, &off, nullptr), 0);
              pollfd wanted = {timer, POLLIN, 0};
              int ready = poll(&wanted, 1, 5000);
              close(timer);
              return std::to_string(left.it_value.tv_nsec) + " left, " + std::to_string(ready) +
                     " at " + Clock();
            }),
            "700000000 left, 0 at 5300ms");
}

TEST(Timerfd, TakesAbsoluteTimes) {
  EXPECT_EQ(OutcomeOf([] {
              int timer = timerfd_create(CLOCK_MONOTONIC, 0);
              itimerspec at = {{0, 0}, {3, 500'000'000}};  // the clock began at 1 s
              EXPECT_EQ(timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, nullptr), 0);
              EXPECT_EQ(Expirations(timer), 1u);
              close(timer);
              return Clock();
            }),
            "2500ms");
}

TEST(Timerfd, DrivesAnEventLoop) {
  EXPECT_EQ(OutcomeOf([] {
              int fast = Timer(30ms, 30ms), slow = Timer(70ms, 0s);
              Epoll epoll;
              epoll.Add(fast);
              epoll.Add(slow);
              std::string text;
              while (text.find("slow") == std::string::npos) {
                for (int fd : epoll.Wait(-1)) {
                  Expirations(fd);
                  text += (fd == fast ? "fast " : "slow ") + Clock() + ", ";
                }
              }
              close(fast);
              close(slow);
              return text;
            }),
            "fast 30ms, fast 60ms, slow 70ms, ");
}

// A timer that nobody waits for is no reason to go on.
TEST(Timerfd, ThatNobodyWatchesDoesNotHideADeadlock) {
  RunReport report = Simulate([] {
    int timer = Timer(10ms, 10ms);
    int event = eventfd(0, 0);
    eventfd_t value;
    eventfd_read(event, &value);
    close(timer);
    return "read";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  EXPECT_NE(report.explanation.find("(eventfd 1)"), std::string::npos) << report.explanation;
}

}  // namespace
}  // namespace interleave
