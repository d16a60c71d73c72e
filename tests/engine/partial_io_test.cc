// tests/engine/partial_io_test.cc
//
// Reads and writes that move only a part, as a choice; and strategy kDistinct on programs with
// descriptors, against all schedules.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using Map = std::map<std::string, std::int64_t>;
using Set = std::set<std::string>;

std::string OneRead() {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  EXPECT_EQ(write(ends[1], "abcd", 4), 4);
  char buffer[10];
  ssize_t size = read(ends[0], buffer, sizeof buffer);
  close(ends[0]);
  close(ends[1]);
  return std::string(buffer, static_cast<std::size_t>(size));
}

TEST(PartialIo, IsNoChoiceUnlessAskedFor) {
  EXPECT_EQ(Counts(Explore(OneRead)), (Map{{"abcd", 1}}));
}

TEST(PartialIo, AReadMayTakeAllOneOrHalf) {
  ExploreOptions options;
  options.partial_io = true;
  ExploreReport report = Explore(OneRead, options);
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"a", 1}, {"ab", 1}, {"abcd", 1}}));
}

// A header of four bytes that is read in one call: right on every quiet day.
std::string ReadHeader(bool until_full) {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  std::thread sender([&] { EXPECT_EQ(send(ends[0], "HEAD", 4, 0), 4); });
  char header[4] = {'?', '?', '?', '?'};
  for (ssize_t got = 0; got < 4;) {
    got += recv(ends[1], header + got, static_cast<std::size_t>(4 - got), 0);
    if (!until_full) break;
  }
  sender.join();
  close(ends[0]);
  close(ends[1]);
  return std::string(header, 4);
}

TEST(PartialIo, FindsAReaderThatTrustsOneCall) {
  ExploreOptions options;
  options.partial_io = true;
  EXPECT_EQ(Outcomes(Explore([] { return ReadHeader(false); }, options)),
            (Set{"H???", "HE??", "HEAD"}));
  EXPECT_EQ(Outcomes(Explore([] { return ReadHeader(true); }, options)), (Set{"HEAD"}));
}

TEST(PartialIo, ANonBlockingWriteMayBeShort) {
  ExploreOptions options;
  options.partial_io = true;
  ExploreReport report = Explore(
      [] {
        int ends[2];
        EXPECT_EQ(pipe2(ends, O_NONBLOCK), 0);
        ssize_t written = write(ends[1], "abcdef", 6);
        close(ends[0]);
        close(ends[1]);
        return std::to_string(written);
      },
      options);
  EXPECT_EQ(Counts(report), (Map{{"1", 1}, {"3", 1}, {"6", 1}}));
}

TEST(PartialIo, ItsChoicesReplay) {
  ExploreOptions options;
  options.partial_io = true;
  for (const CensusRow& row : Explore(OneRead, options).census) {
    SimulateOptions replay;
    replay.schedule = row.schedule;
    replay.partial_io = true;
    EXPECT_EQ(Simulate(OneRead, replay).outcome, row.outcome);
  }
}

void ExpectDistinctFindsAll(const Body& body) {
  ExploreReport all = Explore(body);
  ExploreOptions options;
  options.strategy = Strategy::kDistinct;
  ExploreReport distinct = Explore(body, options);
  EXPECT_EQ(Complaints(all), "");
  EXPECT_EQ(Complaints(distinct), "");
  EXPECT_EQ(Outcomes(distinct), Outcomes(all));
  EXPECT_LE(distinct.runs, all.runs);
}

TEST(DistinctDescriptors, WritersOfOnePipe) {
  ExpectDistinctFindsAll([] {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    std::string got;
    std::thread reader([&] {
      for (int i = 0; i < 3; ++i) {
        char c = 0;
        EXPECT_EQ(read(ends[0], &c, 1), 1);
        got += c;
      }
    });
    std::thread a([&] { EXPECT_EQ(write(ends[1], "a", 1), 1); });
    std::thread b([&] {
      EXPECT_EQ(write(ends[1], "b", 1), 1);
      EXPECT_EQ(write(ends[1], "c", 1), 1);
    });
    reader.join();
    a.join();
    b.join();
    close(ends[0]);
    close(ends[1]);
    return got;
  });
}

TEST(DistinctDescriptors, APollThatAnyOfTwoWritersEnds) {
  ExpectDistinctFindsAll([] {
    int first = eventfd(0, 0), second = eventfd(0, 0);
    std::thread a([&] { eventfd_write(first, 1); });
    std::thread b([&] { eventfd_write(second, 1); });
    std::string seen;
    fd_set set;
    FD_ZERO(&set);
    FD_SET(first, &set);
    FD_SET(second, &set);
    select(second + 1, &set, nullptr, nullptr, nullptr);
    seen += FD_ISSET(first, &set) ? "first " : "";
    seen += FD_ISSET(second, &set) ? "second" : "";
    a.join();
    b.join();
    close(first);
    close(second);
    return seen;
  });
}

TEST(DistinctDescriptors, NonBlockingReadsOfTwoPipes) {
  ExpectDistinctFindsAll([] {
    int p[2], q[2];
    EXPECT_EQ(pipe2(p, O_NONBLOCK), 0);
    EXPECT_EQ(pipe2(q, O_NONBLOCK), 0);
    std::thread writer([&] {
      EXPECT_EQ(write(p[1], "p", 1), 1);
      EXPECT_EQ(write(q[1], "q", 1), 1);
    });
    std::string got;
    for (int fd : {q[0], p[0], q[0]}) {
      char c;
      got += read(fd, &c, 1) == 1 ? std::string(1, c) : "-";
    }
    writer.join();
    for (int fd : {p[0], p[1], q[0], q[1]}) close(fd);
    return got;
  });
}

}  // namespace
}  // namespace interleave
