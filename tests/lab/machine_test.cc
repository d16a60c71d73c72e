#include "runtime/lab/machine.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace interleave {
namespace {

// A machine made of files.
class MachineTest : public testing::Test {
 protected:
  MachineTest() {
    std::filesystem::remove_all(root_);
    Write("proc/meminfo", "MemTotal: 9000 kB\nMemFree: 10 kB\nMemAvailable:    8000 kB\n");
    Write("proc/self/limits",
          "Limit            Soft Limit  Hard Limit  Units\n"
          "Max processes    400         500         processes\n");
    Write("proc/sys/kernel/threads-max", "700\n");
    Write("proc/sys/kernel/pid_max", "32768\n");
    Write("proc/self/cgroup", "");
  }

  void Write(const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  const std::filesystem::path root_ = std::filesystem::path(testing::TempDir()) / "machine";
  const Machine machine_{root_};
};

TEST_F(MachineTest, TheSmallestLimitCounts) {
  EXPECT_EQ(machine_.TaskLimit().count, 400);
  EXPECT_EQ(machine_.TaskLimit().name, "RLIMIT_NPROC");
  Write("proc/sys/kernel/threads-max", "300\n");
  EXPECT_EQ(machine_.TaskLimit().count, 300);
  EXPECT_EQ(machine_.TaskLimit().name, "kernel.threads-max");
}

TEST_F(MachineTest, NoLimitIsNoLimit) {
  Write("proc/self/limits", "Max processes    unlimited   unlimited   processes\n");
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/pids.max", "max\n");
  EXPECT_EQ(machine_.TaskLimit().name, "kernel.threads-max");
}

TEST_F(MachineTest, AControlGroupLeavesWhatItHasNot) {
  Write("proc/self/cgroup", "0::/job/step\n");
  Write("sys/fs/cgroup/job/step/pids.max", "max\n");
  Write("sys/fs/cgroup/job/pids.max", "100\n");
  Write("sys/fs/cgroup/job/pids.current", "30\n");
  EXPECT_EQ(machine_.TaskLimit().count, 70);
  EXPECT_EQ(machine_.TaskLimit().name, "pids.max");
}

TEST_F(MachineTest, ControlGroupsOfVersionOneHaveATreeEach) {
  Write("proc/self/cgroup", "8:pids:/a\n4:memory:/b\n");
  Write("sys/fs/cgroup/pids/a/pids.max", "50\n");
  Write("sys/fs/cgroup/memory/b/memory.limit_in_bytes", "5000000\n");
  Write("sys/fs/cgroup/memory/b/memory.usage_in_bytes", "4000000\n");
  Write("sys/fs/cgroup/memory/b/memory.stat", "inactive_file 1\ntotal_inactive_file 500000\n");
  EXPECT_EQ(machine_.TaskLimit().count, 50);
  EXPECT_EQ(machine_.AvailableMemory(), 1'500'000);
}

TEST_F(MachineTest, AvailableMemoryIsTheMachinesOrTheGroups) {
  EXPECT_EQ(machine_.AvailableMemory(), 8000 * 1024);
  Write("proc/self/cgroup", "0::/job\n");
  Write("sys/fs/cgroup/job/memory.max", "3000000\n");
  Write("sys/fs/cgroup/job/memory.current", "2000000\n");
  EXPECT_EQ(machine_.AvailableMemory(), 1'000'000);
  Write("sys/fs/cgroup/job/memory.current", "4000000\n");
  EXPECT_EQ(machine_.AvailableMemory(), 0);
}

TEST_F(MachineTest, AQuarterOfTheLimitFitsAndHalfOfTheMemory) {
  EXPECT_EQ(machine_.HowManyFit(50, 1024), 50);
  EXPECT_EQ(machine_.HowManyFit(1000, 1024), 100);
  EXPECT_EQ(machine_.HowManyFit(1000, 100 * 1024), 40);
  EXPECT_EQ(machine_.HowManyFit(1'000'000, 1024, /*as_tasks=*/false), 4000);
  EXPECT_EQ(machine_.HowManyFit(5, 1 << 30), 1);
}

TEST_F(MachineTest, WhatTheKernelDoesNotTellIsAnError) {
  try {
    machine_.ProportionalMemory(17);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(),
                 "the kernel does not tell the memory of process 17 (/proc/17/smaps_rollup)");
  }
}

TEST(Machine, ThisProcessWeighsSomethingAndSharesSomething) {
  const Machine machine;
  EXPECT_GT(machine.ProportionalMemory(), 0);
  EXPECT_LE(machine.ProportionalMemory(), machine.ResidentMemory());
  const std::int64_t before = machine.ResidentMemory(getpid());
  const std::vector<char> touched(64 << 20, 'x');
  EXPECT_GT(machine.ResidentMemory() - before, 60 << 20);
}

TEST(Machine, ThisMachineHasLimits) {
  const Machine machine;
  EXPECT_NE(machine.TaskLimit().name, "none");
  EXPECT_GT(machine.AvailableMemory(), 0);
}

}  // namespace
}  // namespace interleave
