// tests/engine/memory_calls_test.cc
//
// What memcpy, strlen and their like access is seen: it races, it is a scheduling point where it
// does, and it is one where the compiler would have expanded the call in place.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using Map = std::map<std::string, std::int64_t>;
using Set = std::set<std::string>;

char shared[128];

void Reset() { std::memset(shared, 0, sizeof shared); }

ExploreReport Both(const std::function<void()>& one, const std::function<void()>& other) {
  return Explore([&] {
    Reset();
    std::thread first([&] { one(); });
    std::thread second([&] { other(); });
    first.join();
    second.join();
    return std::string(shared);
  });
}

// The race between a call and a plain access of one byte of what it accesses, in words: what the
// call does.
std::string RaceOf(const std::function<void()>& call, char* byte, bool write = true) {
  ExploreReport report = Both(call, [=] {
    if (write) {
      *byte = 'x';
    } else if (*byte == 'x') {
      std::abort();
    }
  });
  EXPECT_TRUE(report.complete) << report.stopped_by;
  Set kinds;
  for (const Race& race : report.races) {
    const bool first = race.first_thread == "Thread-1";
    kinds.insert((first ? race.first_writes : race.second_writes) ? "writes" : "reads");
  }
  std::string text;
  for (const std::string& kind : kinds) text += (text.empty() ? "" : " and ") + kind;
  return text;
}

volatile std::size_t n = 40;  // known to nobody who compiles this

TEST(MemoryCalls, CopiesReadAndWrite) {
  std::vector<char> own(n, 'o');
  EXPECT_EQ(RaceOf([&] { std::memcpy(shared, own.data(), n); }, shared + 39), "writes");
  EXPECT_EQ(RaceOf([&] { std::memcpy(own.data(), shared, n); }, shared + 39), "reads");
  EXPECT_EQ(RaceOf([&] { std::memcpy(shared, own.data(), n); }, shared + 40), "");
  EXPECT_EQ(RaceOf([&] { std::memmove(shared + 8, own.data(), n); }, shared + 9), "writes");
  EXPECT_EQ(RaceOf([&] { std::memmove(shared + 8, shared, n); }, shared + 9), "reads and writes");
  EXPECT_EQ(RaceOf([&] { std::memset(shared, 'a', n); }, shared + 39), "writes");
  EXPECT_EQ(RaceOf([&] { std::memset(shared, 'a', n); }, shared + 39, false), "writes");
}

TEST(MemoryCalls, OfConstantSizeAreSeenToo) {
  std::array<char, 64> own{};
  EXPECT_EQ(RaceOf([&] { std::memcpy(shared, own.data(), 4); }, shared + 3), "writes");
  EXPECT_EQ(RaceOf([&] { std::memcpy(own.data(), shared, 64); }, shared + 63), "reads");
  EXPECT_EQ(RaceOf([&] { std::memset(shared, 0, 64); }, shared + 63), "writes");
  EXPECT_EQ(RaceOf([&] { std::strcpy(shared, "four"); }, shared + 4), "writes");
  EXPECT_EQ(RaceOf([&] { std::strcpy(shared, "four"); }, shared + 5), "");
}

TEST(MemoryCalls, TextIsReadAsFarAsItIsLookedAt) {
  const auto with_text = [](const std::function<void()>& call) { return [call] { call(); }; };
  // `shared` is all zeros in these.
  EXPECT_EQ(RaceOf(with_text([] { EXPECT_LE(std::strlen(shared), 1u); }), shared), "reads");
  EXPECT_EQ(RaceOf([] { EXPECT_EQ(std::strlen(shared + 1), 0u); }, shared), "");
  EXPECT_EQ(RaceOf([] { EXPECT_EQ(std::strlen(shared), 0u); }, shared + 1), "");
  EXPECT_EQ(RaceOf([] { EXPECT_NE(std::strcmp(shared, "yes"), 0); }, shared), "reads");
  EXPECT_EQ(RaceOf([] { EXPECT_NE(std::strncmp(shared, "yes", n), 0); }, shared), "reads");
  EXPECT_EQ(RaceOf([] { EXPECT_NE(std::memcmp(shared, "yes", n / 20), 0); }, shared), "reads");
  EXPECT_EQ(RaceOf([] { EXPECT_EQ(std::memchr(shared, 'y', n), nullptr); }, shared + 39), "reads");
  EXPECT_EQ(RaceOf([] { EXPECT_EQ(std::strchr(shared, 'y'), nullptr); }, shared), "reads");
  EXPECT_EQ(RaceOf([] { EXPECT_EQ(std::strrchr(shared, 'y'), nullptr); }, shared), "reads");
}

TEST(MemoryCalls, TextIsWrittenWithItsEnd) {
  char own[64] = "some text";
  EXPECT_EQ(RaceOf([&] { std::strcpy(shared, own); }, shared + 9), "writes");
  EXPECT_EQ(RaceOf([&] { std::strcpy(shared, own); }, shared + 10), "");
  EXPECT_EQ(RaceOf([&] { std::strncpy(shared, own, n); }, shared + 39), "writes");
  EXPECT_EQ(RaceOf([&] { std::strncpy(shared, own, n); }, shared + 40), "");
  EXPECT_EQ(RaceOf([&] { std::strcat(shared, own); }, shared + 9), "writes");
  EXPECT_EQ(RaceOf([&] { std::strcat(shared, own); }, shared), "reads and writes");
  EXPECT_EQ(RaceOf([&] { std::strncat(shared, own, n / 20); }, shared + 2), "writes");
  EXPECT_EQ(RaceOf([&] { std::strncat(shared, own, n / 20); }, shared + 3), "");
  EXPECT_EQ(RaceOf([&] { std::snprintf(shared, sizeof shared, "%s", own); }, shared + 9), "writes");
  EXPECT_EQ(RaceOf([&] { std::snprintf(shared, n / 10, "%s", own); }, shared + 4), "");
  EXPECT_EQ(RaceOf([&] { std::sprintf(shared, "%s!", own); }, shared + 10), "writes");
}

TEST(MemoryCalls, WhatTheStandardLibraryCopiesIsSeen) {
  std::vector<char> own(n, 'o');
  EXPECT_EQ(RaceOf([&] { std::copy(own.begin(), own.end(), shared); }, shared + 39), "writes");
  EXPECT_EQ(RaceOf([&] { std::copy(shared, shared + n, own.begin()); }, shared + 39), "reads");
  EXPECT_EQ(RaceOf([] { std::fill(shared, shared + n, 'f'); }, shared + 39), "writes");
  EXPECT_EQ(RaceOf([] { EXPECT_LE(std::string(shared).size(), 1u); }, shared), "reads");
}

TEST(MemoryCalls, OrderedOnesDoNotRace) {
  std::mutex mutex;
  ExploreReport report = Both(
      [&] {
        std::lock_guard lock(mutex);
        std::strcpy(shared, "one");
      },
      [&] {
        std::lock_guard lock(mutex);
        std::strcpy(shared, "two");
      });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"one", 1}, {"two", 1}}));
}

// Each thread reads, then writes: as two increments of an int, 6 orders.
TEST(MemoryCalls, ACopyIsOneReadAndOneWrite) {
  const auto increment = [] {
    char own[16];
    std::memcpy(own, shared, sizeof own);
    own[0] = static_cast<char>(own[0] == 0 ? '1' : own[0] + 1);
    std::memcpy(shared, own, sizeof own);
  };
  ExploreReport report = Both(increment, increment);
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(Counts(report), (Map{{"1", 4}, {"2", 2}}));
  EXPECT_FALSE(report.races.empty());
}

// The first thread's copy has read what was there before the other wrote, and writes that.
TEST(MemoryCalls, ACopyWritesWhatItHasRead) {
  ExploreReport report = Explore([] {
    Reset();
    shared[0] = 'a';
    char seen = 0;
    std::thread copying([] { std::memcpy(shared + 32, shared, 1); });
    std::thread writing([&seen] {
      shared[0] = 'b';
      seen = shared[32];
    });
    copying.join();
    writing.join();
    const char after = shared[32];
    return std::string(1, after) + (seen == 0 ? " later" : std::string(" ") + seen);
  });
  EXPECT_TRUE(report.complete);
  // "a later": read, write of 'b', look, write of the copy.
  EXPECT_EQ(Outcomes(report), (Set{"a a", "a later", "b b", "b later"}));
}

TEST(MemoryCalls, AScheduleNamesThem) {
  const auto body = [] {
    Reset();
    std::thread one([] { std::memcpy(shared, "one", n / 10); });
    std::thread two([] { std::memcpy(shared, "two", n / 10); });
    one.join();
    two.join();
    return std::string(shared);
  };
  ExploreReport report = Explore(body);
  EXPECT_EQ(Counts(report), (Map{{"one", 1}, {"two", 1}}));
  for (const CensusRow& row : report.census) {
    SimulateOptions options;
    options.schedule = row.schedule;
    RunReport run = Simulate(body, options);
    EXPECT_EQ(run.outcome, row.outcome) << row.schedule;
  }
}

TEST(MemoryCalls, OutsideOfASimulationAreLibcs) {
  char text[32];
  EXPECT_EQ(std::strcpy(text, "text"), text);
  EXPECT_EQ(std::strcat(text, "+"), text);
  EXPECT_EQ(std::strncat(text, "more", 2), text);
  EXPECT_STREQ(text, "text+mo");
  EXPECT_EQ(std::strncpy(text, "t", 4), text);
  EXPECT_EQ(std::memcmp(text, "t\0\0\0+mo", 8), 0);
  EXPECT_EQ(std::memset(text, 'a', 3), text);
  EXPECT_EQ(std::memchr(text, '+', 8), text + 4);
  EXPECT_EQ(std::memmove(text + 1, text, 3), text + 1);
  EXPECT_EQ(std::strlen(text), 7u);
  EXPECT_EQ(std::snprintf(text, n / 10, "%d", 12345), 5);
  EXPECT_STREQ(text, "123");
}

}  // namespace
}  // namespace interleave
