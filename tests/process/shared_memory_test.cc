// tests/process/shared_memory_test.cc

#include "runtime/process/shared_memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <system_error>
#include <vector>

#include "runtime/process/process.h"
#include "runtime/process/process_mutex.h"
#include "tests/process/open_descriptors.h"

namespace interleave {
namespace {

struct Account {
  ProcessMutex mutex;
  int balance = 0;
};

// A child that holds the mutex of `account` and is killed.
void DieWithTheMutex(const Shared<Account>& account) {
  Process child = Process::Fork([&] {
    account->mutex.lock();
    account->balance = 1;
    return raise(SIGKILL);
  });
  EXPECT_EQ(child.Wait().signal, SIGKILL);
}

TEST(SharedMemory, IsZeroInTheBeginning) {
  const SharedArray<int> numbers(100'000);
  EXPECT_EQ(std::count(numbers.begin(), numbers.end(), 0), 100'000);
}

TEST(SharedMemory, WhatAChildWritesTheParentSees) {
  const SharedArray<int> numbers(3);
  Process::Fork([=] {
    for (int& number : numbers) number = 7;
    return 0;
  }).Wait();
  EXPECT_EQ(numbers[0] + numbers[1] + numbers[2], 21);
}

TEST(SharedMemory, AnAtomicCountsInAllProcesses) {
  const auto counter = Shared<std::atomic<int>>::Make(5);
  std::vector<Process> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(Process::Fork([=] {
      for (int n = 0; n < 1000; ++n) ++*counter;
      return 0;
    }));
  }
  for (Process& child : children) EXPECT_TRUE(child.Wait().ok());
  EXPECT_EQ(*counter, 4005);
}

TEST(SharedMemory, AMutexKeepsProcessesApart) {
  const auto account = Shared<Account>::Make();
  std::vector<Process> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(Process::Fork([=] {
      for (int n = 0; n < 5000; ++n) {
        const std::lock_guard lock(account->mutex);
        account->balance = account->balance + 1;
      }
      return 0;
    }));
  }
  for (Process& child : children) EXPECT_TRUE(child.Wait().ok());
  EXPECT_EQ(account->balance, 20'000);
}

TEST(SharedMemory, ADeadOwnerIsReportedUntilSomebodyRepairs) {
  const auto account = Shared<Account>::Make();
  DieWithTheMutex(account);
  EXPECT_THROW(account->mutex.lock(), OwnerDied);
  EXPECT_THROW(account->mutex.lock(), OwnerDied);
  EXPECT_THROW(account->mutex.try_lock(), OwnerDied);

  EXPECT_FALSE(account->mutex.LockOrRepair());
  account->balance = 0;
  account->mutex.unlock();

  EXPECT_TRUE(account->mutex.LockOrRepair());
  account->mutex.unlock();
  const std::lock_guard lock(account->mutex);
}

TEST(SharedMemory, TryLockMeetsTheDeadOwnerFirst) {
  const auto account = Shared<Account>::Make();
  DieWithTheMutex(account);
  EXPECT_THROW(account->mutex.try_lock(), OwnerDied);
  EXPECT_FALSE(account->mutex.LockOrRepair());
  account->mutex.unlock();
  EXPECT_TRUE(account->mutex.try_lock());
  Process child = Process::Fork([=] { return account->mutex.try_lock() ? 1 : 0; });
  EXPECT_EQ(child.Wait().code, 0);
  account->mutex.unlock();
}

TEST(SharedMemory, MisuseOfTheMutexIsAnError) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer finds it first";
#endif
  const auto account = Shared<Account>::Make();
  EXPECT_THROW(account->mutex.unlock(), std::system_error);
  account->mutex.lock();
  EXPECT_THROW(account->mutex.lock(), std::system_error);
  account->mutex.unlock();
}

TEST(SharedMemory, TravelsAsADescriptor) {
  SharedArray<int> numbers(1'000'000);
  numbers[999'999] = 42;
  ByteWriter writer;
  writer(numbers, SharedMemory());
  EXPECT_LT(writer.bytes().size(), 100u);  // and not four million
  ASSERT_EQ(writer.descriptors().size(), 1u);

  std::vector<Descriptor> received;
  received.emplace_back(dup(writer.descriptors()[0].get()));
  ByteReader reader(writer.bytes(), std::move(received));
  SharedArray<int> same;
  SharedMemory none;
  reader(same, none);
  EXPECT_EQ(none.data(), nullptr);
  ASSERT_EQ(same.size(), 1'000'000u);
  EXPECT_NE(same.begin(), numbers.begin());
  EXPECT_EQ(same[999'999], 42);
  same[0] = 7;
  EXPECT_EQ(numbers[0], 7);
}

TEST(SharedMemory, LeavesNothingBehind) {
  const auto files = [] {
    return std::distance(std::filesystem::directory_iterator("/dev/shm"),
                         std::filesystem::directory_iterator());
  };
  const auto files_before = files();
  const int before = OpenDescriptors();
  {
    const SharedArray<int> numbers(1000);
    const SharedArray<int> copy = numbers;
    EXPECT_EQ(OpenDescriptors(), before + 1);
    EXPECT_EQ(files(), files_before);
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

}  // namespace
}  // namespace interleave
