// tests/threads/thread_name_test.cc

#include "runtime/threads/thread_name.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <functional>
#include <string>
#include <thread>

namespace interleave {
namespace {

void OnNewThread(const std::function<void()>& body) { std::thread(body).join(); }

std::string KernelName() {
  char name[16];
  pthread_getname_np(pthread_self(), name, sizeof name);
  return name;
}

int NumberOf(const std::string& name) {
  EXPECT_EQ(name.substr(0, 7), "Thread-");
  return std::stoi(name.substr(7));
}

TEST(ThreadNameTest, FirstThreadIsMainThread) { EXPECT_EQ(ThreadName(), "MainThread"); }

TEST(ThreadNameTest, UnnamedThreadsAreNumberedInTheOrderOfFirstAsking) {
  std::string first;
  std::string second;
  OnNewThread([&] { first = ThreadName(); });
  OnNewThread([&] { second = ThreadName(); });
  EXPECT_EQ(NumberOf(second), NumberOf(first) + 1);
}

TEST(ThreadNameTest, AskingTwiceGivesTheSameName) {
  OnNewThread([] {
    const std::string name = ThreadName();
    EXPECT_EQ(ThreadName(), name);
  });
}

TEST(ThreadNameTest, EachThreadHasItsOwnName) {
  OnNewThread([] {
    SetThreadName("alice");
    OnNewThread([] {
      SetThreadName("bob");
      EXPECT_EQ(ThreadName(), "bob");
    });
    EXPECT_EQ(ThreadName(), "alice");
  });
}

TEST(ThreadNameTest, KernelKnowsAShortName) {
  OnNewThread([] {
    SetThreadName("fifteen letters");
    EXPECT_EQ(ThreadName(), "fifteen letters");
    EXPECT_EQ(KernelName(), "fifteen letters");
  });
}

TEST(ThreadNameTest, KernelGetsTheEndOfALongName) {
  OnNewThread([] {
    SetThreadName("ThreadPoolExecutor-0_1");
    EXPECT_EQ(ThreadName(), "ThreadPoolExecutor-0_1");
    EXPECT_EQ(KernelName(), "oolExecutor-0_1");
  });
}

TEST(ThreadNameTest, ALaterNameReplacesTheFirst) {
  OnNewThread([] {
    SetThreadName("ThreadPoolExecutor-0_1");
    SetThreadName("idle");
    EXPECT_EQ(ThreadName(), "idle");
    EXPECT_EQ(KernelName(), "idle");
  });
}

}  // namespace
}  // namespace interleave
