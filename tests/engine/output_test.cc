// tests/engine/output_test.cc
//
// What threads write comes whole and in the order of the schedule, and its order is a choice.
#include <gtest/gtest.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using Set = std::set<std::string>;

// What arrives at the sink: a line "1<text>" or "2<text>" for each call.
std::string Written(const Body& body) {
  std::string all;
  SimulateOptions options;
  options.output = [&](int fd, std::string_view text) {
    all += "[" + std::to_string(fd) + " " + std::string(text) + "]";
  };
  RunReport report = Simulate(body, options);
  EXPECT_EQ(report.ending, Ending::kReturned) << report.outcome;
  return all;
}

TEST(Output, EveryWayToWriteIsCaptured) {
  EXPECT_EQ(Written([] {
              std::printf("printf %d\n", 1);
              std::puts("puts");
              std::fputs("fputs\n", stdout);
              std::fprintf(stderr, "fprintf %s\n", "stderr");
              std::fwrite("fwrite\n", 1, 7, stdout);
              std::putchar('p');
              std::fputc('f', stderr);
              std::putc('c', stdout);
              dprintf(1, "dprintf %d\n", 2);
              EXPECT_EQ(write(1, "write\n", 6), 6);
              EXPECT_EQ(write(2, "write 2\n", 8), 8);
              char half[] = "wri", other_half[] = "tev\n";
              iovec pieces[] = {{half, 3}, {other_half, 4}};  // a long text of std::cout comes so
              EXPECT_EQ(writev(1, pieces, 2), 7);
              std::fflush(stdout);
              return "";
            }),
            "[1 printf 1\n][1 puts\n][1 fputs\n][2 fprintf stderr\n][1 fwrite\n][1 p][2 f][1 c]"
            "[1 dprintf 2\n][1 write\n][2 write 2\n][1 writev\n]");
}

TEST(Output, StreamsAreCaptured) {
  EXPECT_EQ(Written([] {
              std::cout << "cout\n" << std::flush;
              std::cerr << "cerr\n";
              std::clog << "clog" << std::endl;
              return "";
            }),
            "[1 cout\n][2 cerr\n][2 clog][2 \n]");
}

TEST(Output, OfThreadsComesInTheOrderOfTheirSteps) {
  EXPECT_EQ(Written([] {
              for (int i = 0; i < 3; ++i)
                std::thread([i] { std::printf("thread %d\n", i); }).join();
              return "";
            }),
            "[1 thread 0\n][1 thread 1\n][1 thread 2\n]");
}

TEST(Output, WhoPrintsFirstIsAChoice) {
  ExploreReport report = Explore([] {
    std::thread a([] { std::puts("a"); }), b([] { std::puts("b"); });
    a.join();
    b.join();
    return "";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(report.runs, 2);
}

TEST(Output, EveryOrderOfLinesIsReached) {
  Set seen;
  for (std::uint64_t seed = 1; seed <= 64; ++seed) {
    std::string all;
    SimulateOptions options;
    options.random = true;
    options.seed = seed;
    options.output = [&](int, std::string_view text) { all += text; };
    Simulate(
        [] {
          auto print = [](const char* name) {
            std::printf("%s1 ", name);
            std::printf("%s2 ", name);
          };
          std::thread a(print, "a"), b(print, "b");
          a.join();
          b.join();
          return "";
        },
        options);
    seen.insert(all);
  }
  EXPECT_EQ(seen, (Set{"a1 a2 b1 b2 ", "a1 b1 a2 b2 ", "a1 b1 b2 a2 ", "b1 a1 a2 b2 ",
                       "b1 a1 b2 a2 ", "b1 b2 a1 a2 "}));
}

TEST(Output, OfAnExplorationGoesNowhere) {
  testing::internal::CaptureStdout();
  Explore([] {
    std::thread a([] { std::puts("a"); }), b([] { std::puts("b"); });
    a.join();
    b.join();
    return "";
  });
  std::fflush(stdout);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(Output, WithoutASinkGoesToTheRealDescriptors) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Simulate([] {
    std::puts("to stdout");
    std::cerr << "to stderr\n";
    return "";
  });
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "to stdout\n");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "to stderr\n");
}

TEST(Output, OfARunThatEndsBadlyIsKept) {
  std::string all;
  SimulateOptions options;
  options.output = [&](int, std::string_view text) { all += text; };
  RunReport report = Simulate(
      []() -> std::string {
        std::printf("before");
        std::abort();
      },
      options);
  EXPECT_EQ(report.ending, Ending::kAbort);
  EXPECT_EQ(all, "before");
}

TEST(Output, IsAStepOfTheTrace) {
  SimulateOptions options;
  options.trace = true;
  options.output = [](int, std::string_view) {};
  const int line = __LINE__ + 3;
  RunReport report = Simulate(
      [] {
        std::puts("hello");
        return "";
      },
      options);
  int found = 0;
  for (const Step& step : report.trace) {
    if (step.kind != StepKind::kOutput) continue;
    ++found;
    EXPECT_EQ(step.object, "hello\n");
    EXPECT_EQ(step.place.Text(), "output_test.cc:" + std::to_string(line));
  }
  EXPECT_EQ(found, 1);
}

TEST(Output, ToAFileIsNoBusinessOfTheEngine) {
  EXPECT_EQ(Written([] {
              std::FILE* file = std::tmpfile();
              std::fprintf(file, "to a file");
              std::fclose(file);
              return "";
            }),
            "");
}

}  // namespace
}  // namespace interleave
