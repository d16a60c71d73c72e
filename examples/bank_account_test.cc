// A unit test that runs every schedule.
//
// HastyAccount locks every access and is wrong all the same: between the look at the balance and
// the withdrawal another thread may withdraw. An ordinary test passes for years. This one asks for
// every schedule, and a failure names the one to replay.
//
//   bazel test //examples:bank_account_test
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"

namespace {

class HastyAccount {
 public:
  explicit HastyAccount(int balance) : balance_(balance) {}

  int Balance() {
    std::lock_guard<std::mutex> lock(mutex_);
    return balance_;
  }

  void Withdraw(int amount) {
    if (Balance() < amount) return;
    std::lock_guard<std::mutex> lock(mutex_);
    balance_ -= amount;
  }

 private:
  std::mutex mutex_;
  int balance_;
};

class CarefulAccount {
 public:
  explicit CarefulAccount(int balance) : balance_(balance) {}

  int Balance() {
    std::lock_guard<std::mutex> lock(mutex_);
    return balance_;
  }

  void Withdraw(int amount) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (balance_ >= amount) balance_ -= amount;
  }

 private:
  std::mutex mutex_;
  int balance_;
};

// The body of the exploration: it sets up its own state, and returns what is to be counted.
template <typename Account>
std::string TwoWithdrawals() {
  Account account(100);
  std::thread a([&] { account.Withdraw(80); });
  std::thread b([&] { account.Withdraw(80); });
  a.join();
  b.join();
  return account.Balance() < 0 ? "overdrawn" : "fine";
}

bool CanBeOverdrawn(const interleave::ExploreReport& report) {
  return std::any_of(report.census.begin(), report.census.end(),
                     [](const auto& row) { return row.outcome == "overdrawn"; });
}

TEST(BankAccount, HastyCanBeOverdrawn) {
  interleave::ExploreReport report = interleave::Explore(TwoWithdrawals<HastyAccount>);
  ASSERT_TRUE(report.complete);
  EXPECT_TRUE(report.races.empty());  // every access is locked; that is not enough
  EXPECT_TRUE(CanBeOverdrawn(report));
}

TEST(BankAccount, HastyIsOverdrawnAgainByTheScheduleOfTheCensus) {
  interleave::ExploreReport report = interleave::Explore(TwoWithdrawals<HastyAccount>);
  for (const interleave::CensusRow& row : report.census) {
    interleave::RunReport run =
        interleave::Simulate(TwoWithdrawals<HastyAccount>, {.schedule = row.schedule});
    EXPECT_EQ(run.outcome, row.outcome) << row.schedule;
  }
}

TEST(BankAccount, CarefulIsNeverOverdrawn) {
  interleave::ExploreReport report = interleave::Explore(TwoWithdrawals<CarefulAccount>);
  ASSERT_TRUE(report.complete);
  EXPECT_FALSE(CanBeOverdrawn(report));
}

}  // namespace
