// tests/engine/names_test.cc
//
// Reports speak of the program's own variables and lines.
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"

int global_counter = 0;

namespace bank {
int balance = 0;
struct Account {
  int id = 0;
  int amounts[3] = {};
  std::mutex mutex;
};
Account shared_account;
Account accounts[2];
}  // namespace bank

namespace interleave {
namespace {

// Two threads write it without a lock.
std::string RacyName(const std::function<void()>& write) {
  RunReport report = Simulate([&] {
    std::thread a(write), b(write);
    a.join();
    b.join();
    return "";
  });
  EXPECT_FALSE(report.races.empty());
  return report.races.empty() ? "" : report.races[0].object;
}

TEST(Names, OfGlobals) {
  EXPECT_EQ(RacyName([] { global_counter = 1; }), "global_counter");
}

TEST(Names, OfVariablesInNamespacesAreLeftUnqualified) {
  EXPECT_EQ(RacyName([] { bank::balance = 1; }), "balance");
}

TEST(Names, OfMembersAndElementsOfGlobals) {
  EXPECT_EQ(RacyName([] { bank::shared_account.amounts[2] = 1; }), "shared_account.amounts[2]");
  EXPECT_EQ(RacyName([] { bank::accounts[1].id = 1; }), "accounts[1].id");
}

TEST(Names, OfStaticLocals) {
  EXPECT_EQ(RacyName([] {
              static int calls = 0;
              ++calls;
            }),
            "calls");
}

TEST(Names, OfLocals) {
  RunReport report = Simulate([] {
    int first = 0;
    int found = 0;
    std::thread a([&] { found = 1; }), b([&] { found = 2; });
    a.join();
    b.join();
    return std::to_string(first + found);
  });
  ASSERT_EQ(report.races.size(), 1u);
  EXPECT_EQ(report.races[0].object, "found");
}

TEST(Names, AreThoseOfThisSimulation) {
  RunReport first = Simulate([] {
    std::mutex apple;
    apple.lock();
    apple.lock();
    return "";
  });
  RunReport second = Simulate([] {
    std::mutex pear;
    pear.lock();
    pear.lock();
    return "";
  });
  EXPECT_NE(first.explanation.find("waits for apple"), std::string::npos) << first.explanation;
  EXPECT_NE(second.explanation.find("waits for pear"), std::string::npos) << second.explanation;
}

TEST(Names, OfMembersAndElementsOfLocals) {
  RunReport report = Simulate([] {
    struct {
      int before = 0;
      int numbers[4] = {};
    } box;
    std::thread a([&] { box.numbers[3] = 1; }), b([&] { box.numbers[3] = 2; });
    a.join();
    b.join();
    return std::to_string(box.before);
  });
  ASSERT_EQ(report.races.size(), 1u);
  EXPECT_EQ(report.races[0].object, "box.numbers[3]");
}

TEST(Names, TheHeapHasNone) {
  auto number = std::make_unique<int>(0);
  EXPECT_EQ(RacyName([&] { *number = 1; }), "memory");
}

TEST(Names, ARaceNamesItsThreadsAndLines) {
  const int line = __LINE__ + 4;
  RunReport report = Simulate([] {
    int value = 0;
    int seen = 0;
    std::thread a([&] { value = 1; });
    std::thread b([&] { seen = value; });
    pthread_setname_np(a.native_handle(), "writer");
    pthread_setname_np(b.native_handle(), "reader");
    a.join();
    b.join();
    return std::to_string(seen);
  });
  ASSERT_EQ(report.races.size(), 1u);
  EXPECT_EQ(report.races[0].Text(),
            "data race: reader reads value at names_test.cc:" + std::to_string(line + 1) +
                ", writer writes it at names_test.cc:" + std::to_string(line) +
                "; nothing orders them");
}

// The one who came first is no longer there to be asked who called the library: a second run asks.
TEST(Names, ARaceWithinTheLibraryNamesTheVariableAndBothLines) {
  const int line = __LINE__ + 3;
  const auto body = [] {
    std::string text;
    std::thread a([&] { text += "a"; });
    std::thread b([&] { text += "b"; });
    a.join();
    b.join();
    return std::to_string(text.size());
  };
  SimulateOptions options;
  RunReport report = Simulate(body, options);
  for (Race& race : report.races) {
    if (race.first_writes == race.second_writes) {
      EXPECT_EQ(race.first_thread, "Thread-1");
    }
    for (const SourceLine& side : {race.first, race.second}) {
      EXPECT_TRUE(side.line == line || side.line == line + 1) << race.Text();
    }
  }
  ASSERT_FALSE(report.races.empty());
  options.schedule = report.schedule;
  for (const Race& race : Simulate(body, options).races) {
    EXPECT_EQ(race.first.file, "names_test.cc") << race.Text();
    EXPECT_EQ(race.second.file, "names_test.cc") << race.Text();
  }
}

TEST(Names, ARacesThreadsHaveAnOrderThatChanceDoesNotDecide) {
  const auto body = [] {
    int value = 0;
    std::thread a([&] { value = 1; }), b([&] { value = 2; });
    a.join();
    b.join();
    return "";
  };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SimulateOptions options;
    options.random = true;
    options.seed = seed;
    const RunReport report = Simulate(body, options);
    ASSERT_EQ(report.races.size(), 1u);
    EXPECT_EQ(report.races[0].first_thread, "Thread-1");
    options.schedule = report.schedule;
    EXPECT_EQ(Simulate(body, options).races[0].Text(), report.races[0].Text());
  }
}

TEST(Names, OfMutexesInAllPlaces) {
  static bank::Account kept;
  auto wait_for = [](std::mutex& mutex) {
    return Simulate([&] {
             mutex.lock();
             mutex.lock();
             return "";
           })
        .explanation;
  };
  auto expect = [](const std::string& explanation, const std::string& name) {
    EXPECT_NE(explanation.find("MainThread -> " + name + " -> MainThread"), std::string::npos)
        << explanation;
  };
  expect(wait_for(bank::shared_account.mutex), "shared_account.mutex");
  expect(wait_for(bank::accounts[1].mutex), "accounts[1].mutex");
  expect(wait_for(kept.mutex), "kept.mutex");
  auto heap = std::make_unique<bank::Account>();
  expect(wait_for(heap->mutex), "mutex 1");
}

TEST(Names, OfThreads) {
  RunReport report = Simulate([] {
    pthread_setname_np(pthread_self(), "boss");
    std::thread a([] {}),
        b([] { pthread_setname_np(pthread_self(), "a name of more than 15 bytes"); });
    char name[32];
    pthread_getname_np(a.native_handle(), name, sizeof name);
    a.join();
    b.join();
    return std::string(name);
  });
  EXPECT_EQ(report.outcome, "Thread-1");
  EXPECT_EQ(report.threads,
            (std::vector<std::string>{"boss", "Thread-1", "a name of more than 15 bytes"}));
}

TEST(Names, OfThreadsByPrctl) {
  char before[16] = "", after[16] = "";
  prctl(PR_GET_NAME, before);
  RunReport report = Simulate([] {
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    std::thread a([] { prctl(PR_SET_NAME, "worker"); });
    std::thread b([] { prctl(PR_SET_NAME, "a name of more than 15 bytes"); });
    a.join();
    b.join();
    return std::string(name);
  });
  EXPECT_EQ(report.outcome, "MainThread");
  EXPECT_EQ(report.threads, (std::vector<std::string>{"MainThread", "worker", "a name of more "}));
  prctl(PR_GET_NAME, after);
  EXPECT_STREQ(before, after);
}

}  // namespace
}  // namespace interleave
