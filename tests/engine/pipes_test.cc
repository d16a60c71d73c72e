// tests/engine/pipes_test.cc
//
// Pipes and eventfds between simulated threads: who may go on, in how many orders, and what a
// deadlock on one says.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <set>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Set = std::set<std::string>;

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_), 0); }
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }
  int In() const { return ends_[1]; }
  int Out() const { return ends_[0]; }
  void Put(char c) const { EXPECT_EQ(write(In(), &c, 1), 1); }
  char Get() const {
    char c = 0;
    EXPECT_EQ(read(Out(), &c, 1), 1);
    return c;
  }

 private:
  int ends_[2];
};

TEST(Pipes, AReadWaitsForTheWrite) {
  ExploreReport report = Explore([] {
    Pipe pipe;
    char got = 0;
    std::thread reader([&] { got = pipe.Get(); });
    std::thread writer([&] { pipe.Put('x'); });
    reader.join();
    writer.join();
    return std::string(1, got);
  });
  EXPECT_EQ(Complaints(report), "");
  // One order only: a read of an empty pipe can't come first.
  EXPECT_EQ(Counts(report), (std::map<std::string, std::int64_t>{{"x", 1}}));
}

TEST(Pipes, TwoWritersAndOneReaderHaveFourOrders) {
  ExploreReport report = Explore([] {
    Pipe pipe;
    std::string got;
    std::thread reader([&] {
      got += pipe.Get();
      got += pipe.Get();
    });
    std::thread a([&] { pipe.Put('a'); });
    std::thread b([&] { pipe.Put('b'); });
    reader.join();
    a.join();
    b.join();
    return got;
  });
  EXPECT_EQ(Complaints(report), "");
  // a R b R, a b R R, b R a R, b a R R.
  EXPECT_EQ(Counts(report), (std::map<std::string, std::int64_t>{{"ab", 2}, {"ba", 2}}));
}

TEST(Pipes, TwoReadersShareWhatIsWritten) {
  ExploreReport report = Explore([] {
    Pipe pipe;
    std::string first, second;
    std::thread a([&] { first = pipe.Get(); });
    std::thread b([&] { second = pipe.Get(); });
    pipe.Put('1');
    pipe.Put('2');
    a.join();
    b.join();
    return first + second;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"12", "21"}));
}

TEST(Pipes, WhatIsWrittenBeforeIsKnownToTheReader) {
  ExploreReport report = Explore([] {
    Pipe pipe;
    int value = 0;
    std::thread writer([&] {
      value = 7;
      pipe.Put('x');
    });
    pipe.Get();
    std::string text = std::to_string(value);
    writer.join();
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"7"}));
}

TEST(Pipes, WhatIsWrittenAfterwardsRaces) {
  ExploreReport report = Explore([] {
    Pipe pipe;
    int value = 0;
    std::thread writer([&] {
      pipe.Put('x');
      value = 7;
    });
    pipe.Get();
    std::string text = std::to_string(value);
    writer.join();
    return text;
  });
  EXPECT_EQ(Outcomes(report), (Set{"0", "7"}));
  EXPECT_EQ(report.races.size(), 1u);
}

TEST(Pipes, AFullPipeStopsTheWriter) {
  RunReport report = Simulate([] {
    Pipe pipe;
    constexpr std::size_t kSize = 300'000;  // more than a pipe holds
    std::string sent(kSize, 'a'), received;
    for (std::size_t i = 0; i < kSize; ++i) sent[i] = static_cast<char>('a' + i % 26);
    std::thread writer(
        [&] { EXPECT_EQ(write(pipe.In(), sent.data(), kSize), static_cast<ssize_t>(kSize)); });
    while (received.size() < kSize) {
      std::this_thread::sleep_for(1ms);
      char buffer[10'000];
      ssize_t size = read(pipe.Out(), buffer, sizeof buffer);
      if (size <= 0) break;
      received.append(buffer, static_cast<std::size_t>(size));
    }
    writer.join();
    return received == sent ? std::string("all of it") : std::string("something else");
  });
  EXPECT_EQ(report.outcome, "all of it");
}

TEST(Pipes, TheEndOfAPipeIsSeenWhenTheLastWriterCloses) {
  ExploreReport report = Explore([] {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    int copy = dup(ends[1]);
    std::thread a([&] { close(ends[1]); });
    std::thread b([&] { close(copy); });
    char c;
    ssize_t end = read(ends[0], &c, 1);
    a.join();
    b.join();
    close(ends[0]);
    return "read " + std::to_string(end);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (std::map<std::string, std::int64_t>{{"read 0", 2}}));
}

TEST(Pipes, ANonBlockingReadSeesWhatIsThere) {
  ExploreReport report = Explore([] {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_NONBLOCK), 0);
    std::thread writer([&] { EXPECT_EQ(write(ends[1], "x", 1), 1); });
    char c;
    ssize_t got = read(ends[0], &c, 1);
    std::string text = got == 1 ? "x" : errno == EAGAIN ? "nothing" : "error";
    writer.join();
    close(ends[0]);
    close(ends[1]);
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (std::map<std::string, std::int64_t>{{"nothing", 1}, {"x", 1}}));
}

TEST(Pipes, ADeadlockNamesTheDescriptor) {
  RunReport report = Simulate([] {
    Pipe pipe;
    pipe.Get();
    return "read";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  EXPECT_NE(report.explanation.find("MainThread  waits to read descriptor "), std::string::npos)
      << report.explanation;
  EXPECT_NE(report.explanation.find(" (pipe 1)  (pipes_test.cc:"), std::string::npos)
      << report.explanation;
}

// Pipes are closed at the end of a run, however it ends: a process may have 1024 descriptors.
TEST(Pipes, RunsThatEndInADeadlockLeaveNoDescriptorOpen) {
  std::set<int> numbers;
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = 3000;
  ExploreReport report = Explore(
      [&] {
        Pipe* pipe = new Pipe;
        numbers.insert(pipe->Out());
        return std::string(1, pipe->Get());
      },
      options);
  EXPECT_EQ(Counts(report), (std::map<std::string, std::int64_t>{{"deadlock", 3000}}));
  EXPECT_EQ(numbers.size(), 1u);
}

TEST(Pipes, AnEventfdCounts) {
  ExploreReport report = Explore([] {
    int events = eventfd(0, 0);
    std::thread a([&] { EXPECT_EQ(eventfd_write(events, 1), 0); });
    std::thread b([&] { EXPECT_EQ(eventfd_write(events, 2), 0); });
    eventfd_t first = 0, second = 0;
    eventfd_read(events, &first);
    if (first < 3) eventfd_read(events, &second);
    a.join();
    b.join();
    close(events);
    return std::to_string(first) + "+" + std::to_string(second);
  });
  EXPECT_EQ(Complaints(report), "");
  // a b R, b a R, a R b R, b R a R.
  EXPECT_EQ(Counts(report),
            (std::map<std::string, std::int64_t>{{"1+2", 1}, {"2+1", 1}, {"3+0", 2}}));
}

TEST(Pipes, AReadBetweenSleepsHasExactTimes) {
  std::chrono::nanoseconds began{}, got{};
  Simulate([&] {
    Pipe pipe;
    auto now = [] { return std::chrono::steady_clock::now().time_since_epoch(); };
    began = now();
    std::thread writer([&] {
      std::this_thread::sleep_for(250ms);
      pipe.Put('x');
    });
    pipe.Get();
    got = now();
    writer.join();
    return "";
  });
  EXPECT_EQ(got - began, 250ms);
}

}  // namespace
}  // namespace interleave
