// tests/engine/processes_test.cc
//
// Child processes of a simulation: real, outside of it, and waited for with the clock standing
// still.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

std::string Clock() {
  auto now = std::chrono::steady_clock::now().time_since_epoch() - 1s;
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) + "ms";
}

TEST(Processes, AParentWaitsForItsChildWithTheClockStandingStill) {
  RunReport report = Simulate([] {
    std::thread other([] { std::this_thread::sleep_for(5s); });
    pid_t pid = fork();
    if (pid == 0) {
      usleep(30'000);  // of real time
      _exit(InSimulation() ? 1 : 7);
    }
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    std::string text = "status " + std::to_string(WEXITSTATUS(status)) + " at " + Clock();
    other.join();
    return text + ", the end at " + Clock();
  });
  EXPECT_EQ(report.outcome, "status 7 at 0ms, the end at 5000ms") << report.explanation;
}

TEST(Processes, AChildAnswersThroughAPipe) {
  RunReport report = Simulate([] {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    std::string text;
    std::thread parent([&] {
      pid_t pid = fork();
      if (pid == 0) {
        usleep(20'000);
        std::string answer = "hello from a process";
        _exit(write(ends[1], answer.data(), answer.size()) > 0 ? 0 : 1);
      }
      close(ends[1]);
      char buffer[100];
      for (ssize_t size; (size = read(ends[0], buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(size));
      }
      int status = -1;
      wait(&status);
      text += " " + std::to_string(status);
    });
    parent.join();
    close(ends[0]);
    return text + " at " + Clock();
  });
  EXPECT_EQ(report.outcome, "hello from a process 0 at 0ms") << report.explanation;
}

// The other threads do not exist in the child, and its locks are real ones.
TEST(Processes, AChildThatReturnsFromItsThreadEnds) {
  RunReport report = Simulate([] {
    std::string text;
    std::thread parent([&] {
      pid_t pid = fork();
      if (pid == 0) return;
      int status = -1;
      waitpid(pid, &status, 0);
      text = "status " + std::to_string(status);
    });
    parent.join();
    return text;
  });
  EXPECT_EQ(report.outcome, "status 0") << report.explanation;
}

TEST(Processes, NobodyToWaitForIsAnError) {
  RunReport report = Simulate([] {
    int status;
    return waitpid(-1, &status, 0) == -1 && errno == ECHILD ? "no child" : "?";
  });
  EXPECT_EQ(report.outcome, "no child") << report.explanation;
}

TEST(Processes, ASpawnedProgramIsWaitedFor) {
  RunReport report = Simulate([] {
    char name[] = "sh", option[] = "-c", command[] = "exit 3";
    char* arguments[] = {name, option, command, nullptr};
    pid_t pid = 0;
    EXPECT_EQ(posix_spawn(&pid, "/bin/sh", nullptr, nullptr, arguments, environ), 0);
    int status = 0;
    waitpid(pid, &status, 0);
    return "status " + std::to_string(WEXITSTATUS(status));
  });
  EXPECT_EQ(report.outcome, "status 3") << report.explanation;
}

TEST(Processes, PopenReadsWhatAProgramPrints) {
  RunReport report = Simulate([] {
    std::FILE* program = popen("echo printed", "r");
    char line[100] = "";
    EXPECT_NE(std::fgets(line, sizeof line, program), nullptr);
    int status = pclose(program);
    return std::string(line, 7) + " " + std::to_string(status);
  });
  EXPECT_EQ(report.outcome, "printed 0") << report.explanation;
}

// A run that gives up leaves no process behind.
TEST(Processes, AnAbandonedChildIsKilled) {
  int lifeline[2];
  ASSERT_EQ(pipe(lifeline), 0);
  RunReport report = Simulate([&]() -> std::string {
    if (fork() == 0) {
      for (;;) pause();
    }
    std::abort();
  });
  EXPECT_EQ(report.ending, Ending::kAbort);
  close(lifeline[1]);
  char c;
  EXPECT_EQ(read(lifeline[0], &c, 1), 0);  // the child had the writing end, too
  close(lifeline[0]);
}

}  // namespace
}  // namespace interleave
