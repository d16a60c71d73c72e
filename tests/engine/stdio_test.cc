// tests/engine/stdio_test.cc
//
// The less common ways to write: functions without a lock, what _FORTIFY_SOURCE makes of printf,
// and what libc writes to stderr by itself. Each is a step of its thread like a puts.
#undef _FORTIFY_SOURCE
#define _FORTIFY_SOURCE 2  // before any header

#include <err.h>
#include <error.h>
#include <gtest/gtest.h>
#include <stdio.h>

#include <cerrno>
#include <cstdarg>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

struct Result {
  std::string written;  // "[1 to stdout][2 to stderr]"
  RunReport report;
};

Result SimulateAndCollect(const Body& body) {
  Result result;
  SimulateOptions options;
  options.output = [&](int fd, std::string_view text) {
    result.written += "[" + std::to_string(fd) + " " + std::string(text) + "]";
  };
  result.report = Simulate(body, options);
  return result;
}

std::string Written(const Body& body) {
  Result result = SimulateAndCollect(body);
  EXPECT_EQ(result.report.ending, Ending::kReturned) << result.report.outcome;
  return result.written;
}

// The number of orders of two threads that each write one line.
std::int64_t Orders(void (*write)()) {
  ExploreReport report = Explore([write] {
    std::thread a(write), b(write);
    a.join();
    b.join();
    return "";
  });
  EXPECT_EQ(Complaints(report), "");
  return report.runs;
}

TEST(Stdio, WithoutALockIsCaptured) {
  EXPECT_EQ(Written([] {
              putc_unlocked('a', stdout);
              putchar_unlocked('b');
              fputc_unlocked('c', stderr);
              fputs_unlocked("fputs\n", stdout);
              EXPECT_EQ(fwrite_unlocked("fwrite\n", 1, 7, stderr), 7u);
              EXPECT_EQ(fflush_unlocked(stdout), 0);
              return "";
            }),
            "[1 a][1 b][2 c][1 fputs\n][2 fwrite\n]");
}

TEST(Stdio, WithoutALockIsAStep) {
  EXPECT_EQ(Orders([] { fputs_unlocked("line\n", stdout); }), 2);
  EXPECT_EQ(Orders([] { putchar_unlocked('x'); }), 2);
}

int CallVprintf(const char* format, ...) {
  va_list list;
  va_start(list, format);
  int length = vprintf(format, list);
  va_end(list);
  return length;
}

int CallVfprintf(const char* format, ...) {
  va_list list;
  va_start(list, format);
  int length = vfprintf(stderr, format, list);
  va_end(list);
  return length;
}

int CallVdprintf(const char* format, ...) {
  va_list list;
  va_start(list, format);
  int length = vdprintf(1, format, list);
  va_end(list);
  return length;
}

TEST(Stdio, FortifiedIsCaptured) {
  EXPECT_EQ(Written([] {
              EXPECT_EQ(printf("%d\n", 1), 2);
              EXPECT_EQ(fprintf(stderr, "%d\n", 22), 3);
              EXPECT_EQ(dprintf(1, "%d\n", 333), 4);
              EXPECT_EQ(CallVprintf("%s\n", "vprintf"), 8);
              EXPECT_EQ(CallVfprintf("%s\n", "vfprintf"), 9);
              EXPECT_EQ(CallVdprintf("%s\n", "vdprintf"), 9);
              return "";
            }),
            "[1 1\n][2 22\n][1 333\n][1 vprintf\n][2 vfprintf\n][1 vdprintf\n]");
}

TEST(Stdio, FortifiedIsAStep) {
  EXPECT_EQ(Orders([] { printf("%s\n", "line"); }), 2);
}

TEST(Stdio, OfAFileIsNoBusinessOfTheEngine) {
  EXPECT_EQ(Written([] {
              FILE* file = tmpfile();
              putc_unlocked('a', file);
              fputs_unlocked("b", file);
              fprintf(file, "%c", 'c');
              fflush_unlocked(file);
              rewind(file);
              char text[4] = {};
              EXPECT_EQ(fread(text, 1, 3, file), 3u);
              EXPECT_STREQ(text, "abc");
              fclose(file);
              return "";
            }),
            "");
}

TEST(Stdio, AFormatsStepHasThePlaceOfItsCall) {
  SimulateOptions options;
  options.trace = true;
  options.output = [](int, std::string_view) {};
  const int line = __LINE__ + 3;
  RunReport report = Simulate(
      [] {
        printf("%d\n", 1);
        return "";
      },
      options);
  for (const Step& step : report.trace) {
    if (step.kind != StepKind::kOutput) continue;
    EXPECT_EQ(step.place.Text(), "stdio_test.cc:" + std::to_string(line));
  }
}

TEST(Messages, AreCaptured) {
  EXPECT_EQ(Written([] {
              errno = ENOENT;
              perror("the file");
              errno = ENOENT;
              perror(nullptr);
              return "";
            }),
            "[2 the file: No such file or directory\n][2 No such file or directory\n]");
  const std::string name = program_invocation_short_name;
  EXPECT_EQ(Written([] {
              errno = ENOENT;
              warn("number %d", 1);
              EXPECT_EQ(errno, ENOENT);
              warnx("number %d", 2);
              return "";
            }),
            "[2 " + name + ": number 1: No such file or directory\n][2 " + name + ": number 2\n]");
  EXPECT_EQ(Written([] {
              error(0, 0, "number %d", 3);
              error(0, ENOENT, "number %d", 4);
              return "";
            }),
            "[2 " + std::string(program_invocation_name) + ": number 3\n][2 " +
                program_invocation_name + ": number 4: No such file or directory\n]");
}

TEST(Messages, AreSteps) {
  EXPECT_EQ(Orders([] { perror("line"); }), 2);
  EXPECT_EQ(Orders([] { warnx("line"); }), 2);
}

TEST(Messages, ThatEndTheProgramEndTheRun) {
  const std::string name = program_invocation_short_name;
  for (void (*end)() : {+[] { errx(3, "no %s", "more"); }, +[] { error(3, 0, "no %s", "more"); }}) {
    Result result = SimulateAndCollect([end] {
      std::thread([end] { end(); }).join();
      return "";
    });
    EXPECT_EQ(result.report.ending, Ending::kExit);
    EXPECT_EQ(result.report.outcome, "exit status 3 in Thread-1");
    EXPECT_NE(result.written.find(name + ": no more\n"), std::string::npos) << result.written;
  }
  Result result = SimulateAndCollect([]() -> std::string {
    errno = ENOENT;
    err(4, "no %s", "file");
  });
  EXPECT_EQ(result.report.outcome, "exit status 4 in MainThread");
  EXPECT_EQ(result.written, "[2 " + name + ": no file: No such file or directory\n]");
}

}  // namespace
}  // namespace interleave
