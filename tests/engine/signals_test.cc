// tests/engine/signals_test.cc
//
// Signals between simulated threads: handlers at defined points, masks, waits that a signal ends.
#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <set>
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

volatile sig_atomic_t handled;
volatile pthread_t handled_by;

void Note(int signal) {
  handled = signal;
  handled_by = pthread_self();
}

void Install(int signal, int flags = 0) {
  struct sigaction action = {};
  action.sa_handler = Note;
  action.sa_flags = flags;
  EXPECT_EQ(sigaction(signal, &action, nullptr), 0);
  handled = 0;
}

sigset_t SetOf(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  return set;
}

TEST(Signals, RaiseRunsTheHandlerBeforeItReturns) {
  RunReport report = Simulate([] {
    Install(SIGUSR1);
    raise(SIGUSR1);
    return std::to_string(handled == SIGUSR1) + std::to_string(handled_by == pthread_self());
  });
  EXPECT_EQ(report.outcome, "11") << report.explanation;
}

TEST(Signals, WithoutAHandlerItEndsTheRun) {
  RunReport report = Simulate([]() -> std::string {
    kill(getpid(), SIGTERM);
    return "went on";
  });
  EXPECT_EQ(report.ending, Ending::kCrash);
  EXPECT_EQ(report.outcome, "killed by SIGTERM in MainThread");
}

TEST(Signals, HandlersAreForgottenAfterTheRun) {
  Simulate([] {
    Install(SIGTERM);
    return "";
  });
  struct sigaction action;
  sigaction(SIGTERM, nullptr, &action);
  EXPECT_EQ(action.sa_handler, SIG_DFL);
}

TEST(Signals, APthreadKillEndsASleep) {
  RunReport report = Simulate([] {
    Install(SIGUSR1);
    std::string text;
    std::thread sleeper([&] {
      timespec length = {10, 0}, left = {};
      int result = nanosleep(&length, &left);
      text = std::to_string(result) + " " + std::to_string(left.tv_sec) + "s left at " + Clock() +
             (handled_by == pthread_self() ? ", handled there" : "");
    });
    std::this_thread::sleep_for(4s);
    pthread_kill(sleeper.native_handle(), SIGUSR1);
    sleeper.join();
    return text;
  });
  EXPECT_EQ(report.outcome, "-1 6s left at 4000ms, handled there") << report.explanation;
}

std::string ReadWhileASignalComes(int flags) {
  return Simulate([&] {
           Install(SIGUSR1, flags);
           int ends[2];
           EXPECT_EQ(pipe(ends), 0);
           std::string text;
           std::thread reader([&] {
             char c;
             ssize_t got = read(ends[0], &c, 1);
             text = got == 1 ? "read" : errno == EINTR ? "interrupted" : "?";
           });
           std::this_thread::sleep_for(1s);
           pthread_kill(reader.native_handle(), SIGUSR1);
           std::this_thread::sleep_for(1s);
           EXPECT_EQ(write(ends[1], "x", 1), 1);
           reader.join();
           close(ends[0]);
           close(ends[1]);
           return text + (handled == SIGUSR1 ? ", handled" : "");
         })
      .outcome;
}

TEST(Signals, AReadIsInterruptedOrGoesOn) {
  EXPECT_EQ(ReadWhileASignalComes(0), "interrupted, handled");
  EXPECT_EQ(ReadWhileASignalComes(SA_RESTART), "read, handled");
}

TEST(Signals, ABlockedSignalWaits) {
  RunReport report = Simulate([] {
    Install(SIGUSR1);
    sigset_t set = SetOf(SIGUSR1), pending;
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    raise(SIGUSR1);
    std::string text = std::to_string(handled);
    sigpending(&pending);
    text += std::to_string(sigismember(&pending, SIGUSR1));
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    return text + std::to_string(handled == SIGUSR1);
  });
  EXPECT_EQ(report.outcome, "011") << report.explanation;
}

TEST(Signals, SigwaitTakesWhatIsSentToTheProcess) {
  ExploreReport report = Explore([] {
    sigset_t set = SetOf(SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);  // the threads inherit it
    int taken = 0, value = 0;
    std::thread waiter([&] {
      sigwait(&set, &taken);
      EXPECT_EQ(value, 5);  // what was written before the signal is known
    });
    std::thread sender([&] {
      value = 5;
      kill(getpid(), SIGINT);
    });
    waiter.join();
    sender.join();
    return taken == SIGINT ? "SIGINT" : "?";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (std::set<std::string>{"SIGINT"}));
}

TEST(Signals, SigtimedwaitTimesOut) {
  RunReport report = Simulate([] {
    sigset_t set = SetOf(SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    timespec limit = {3, 0};
    int result = sigtimedwait(&set, nullptr, &limit);
    return std::to_string(result == -1 && errno == EAGAIN) + " at " + Clock();
  });
  EXPECT_EQ(report.outcome, "1 at 3000ms") << report.explanation;
}

TEST(Signals, ASignalfdIsReadableWhenASignalComes) {
  RunReport report = Simulate([] {
    sigset_t set = SetOf(SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    int fd = signalfd(-1, &set, 0);
    std::thread sender([] {
      std::this_thread::sleep_for(2s);
      kill(getpid(), SIGTERM);
    });
    pollfd wanted = {fd, POLLIN, 0};
    int ready = poll(&wanted, 1, 10'000);
    signalfd_siginfo info = {};
    EXPECT_EQ(read(fd, &info, sizeof info), static_cast<ssize_t>(sizeof info));
    std::string text = std::to_string(ready) + " " + std::to_string(info.ssi_signo == SIGTERM);
    sender.join();
    close(fd);
    return text + " at " + Clock();
  });
  EXPECT_EQ(report.outcome, "1 1 at 2000ms") << report.explanation;
}

TEST(Signals, PauseWaitsForAHandler) {
  RunReport report = Simulate([] {
    Install(SIGUSR1);
    const pthread_t main_thread = pthread_self();
    std::thread sender([&] {
      std::this_thread::sleep_for(1s);
      pthread_kill(main_thread, SIGUSR1);
    });
    int result = pause();
    std::string text = std::to_string(result) + std::to_string(handled == SIGUSR1);
    sender.join();
    return text + " at " + Clock();
  });
  EXPECT_EQ(report.outcome, "-11 at 1000ms") << report.explanation;
}

TEST(Signals, NobodyReadsAPipe) {
  const auto write_into_nothing = [] {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    close(ends[0]);
    ssize_t written = write(ends[1], "x", 1);
    std::string text = written == -1 && errno == EPIPE ? "EPIPE" : "?";
    close(ends[1]);
    return text;
  };
  RunReport report = Simulate(write_into_nothing);
  EXPECT_EQ(report.outcome, "killed by SIGPIPE in MainThread");
  report = Simulate([&] {
    signal(SIGPIPE, SIG_IGN);
    return write_into_nothing();
  });
  EXPECT_EQ(report.outcome, "EPIPE");
}

// From outside: what Ctrl-C does.
TEST(Signals, WhatComesFromTheKernelIsHandledAtTheNextStep) {
  const pid_t process = getpid();
  RunReport report = Simulate([&] {
    Install(SIGINT);
    pid_t pid = fork();
    if (pid == 0) {
      kill(process, SIGINT);
      _exit(0);
    }
    while (waitpid(pid, nullptr, 0) == -1 && errno == EINTR) {
    }
    std::this_thread::sleep_for(1ms);
    return handled == SIGINT ? "SIGINT" : "?";
  });
  EXPECT_EQ(report.outcome, "SIGINT") << report.explanation;
}

}  // namespace
}  // namespace interleave
