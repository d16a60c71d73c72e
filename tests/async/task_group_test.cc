// tests/async/task_group_test.cc

#include "runtime/async/task_group.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

Task<int> Takes(int turns, int result) {
  for (int i = 0; i < turns; ++i) co_await Yield();
  co_return result;
}

Task<void> Fails(int turns, std::string what) {
  for (int i = 0; i < turns; ++i) co_await Yield();
  throw std::runtime_error(what);
}

Task<void> Forever(Words& words, std::string name) {
  try {
    co_await SleepFor(1h);
  } catch (const TaskCancelled&) {
    words.push_back(name + " cancelled");
    throw;
  }
}

TEST(TaskGroupTest, LeavingTheBlockWaitsForAllAndResultsStayReadable) {  // E01
  EventLoop loop;
  auto main = []() -> Task<int> {
    TaskGroup group;
    std::vector<TaskHandle<int>> tasks;
    co_await group.Run([&]() -> Task<void> {
      tasks.push_back(group.Spawn(Takes(5, 40)));
      tasks.push_back(group.Spawn(Takes(1, 2)));
      co_return;
    });
    co_return tasks[0].result() + tasks[1].result();
  };
  EXPECT_EQ(loop.RunUntilComplete(main()), 42);
}

TEST(TaskGroupTest, TheFirstFailureCancelsTheOthersAndTheBody) {  // E02
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<void> {
    TaskGroup group;
    co_await group.Run([&]() -> Task<void> {
      group.Spawn(Forever(words, "a"));
      group.Spawn(Fails(2, "boom"));
      group.Spawn(Forever(words, "b"));
      co_await Forever(words, "body");
    });
    words.push_back("not reached");
  };
  try {
    loop.RunUntilComplete(main());
    ADD_FAILURE();
  } catch (const ExceptionGroup& group) {
    EXPECT_EQ(std::string(group.what()), "failures in a TaskGroup (1 failure): boom");
    EXPECT_EQ(group.errors().size(), 1u);
  }
  EXPECT_EQ(words, (Words{"a cancelled", "b cancelled", "body cancelled"}));
}

TEST(TaskGroupTest, AFailureWhileTheBlockWaitsCancelsTheOthersAndNotTheParent) {
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<void> {
    TaskGroup group;
    try {
      co_await group.Run([&]() -> Task<void> {
        group.Spawn(Forever(words, "a"));
        group.Spawn(Fails(5, "boom"));
        co_return;
      });
    } catch (const ExceptionGroup&) {
      words.push_back("group");
    }
    EXPECT_EQ(CurrentTask().Cancelling(), 0);
    co_await Yield();
    words.push_back("goes on");
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"a cancelled", "group", "goes on"}));
}

TEST(TaskGroupTest, AllFailuresAreInTheGroup) {
  EventLoop loop;
  auto main = []() -> Task<void> {
    TaskGroup group;
    auto fails_when_cancelled = []() -> Task<void> {
      try {
        co_await SleepFor(1h);
      } catch (const TaskCancelled&) {
        throw std::runtime_error("while cleaning up");
      }
    };
    co_await group.Run([&]() -> Task<void> {
      group.Spawn(fails_when_cancelled());
      group.Spawn(Fails(2, "boom"));
      co_return;
    });
  };
  EXPECT_EQ(MessageOf<ExceptionGroup>([&] { loop.RunUntilComplete(main()); }),
            "failures in a TaskGroup (2 failures): boom; while cleaning up");
}

TEST(TaskGroupTest, AChildThatIsCancelledByItselfIsNoFailure) {  // E03
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<int> {
    TaskGroup group;
    int result = 0;
    co_await group.Run([&]() -> Task<void> {
      TaskHandle<void> child = group.Spawn(Forever(words, "child"));
      TaskHandle<int> other = group.Spawn(Takes(9, 42));
      co_await Yield();
      child.Cancel();
      result = co_await other;
    });
    co_return result;
  };
  EXPECT_EQ(loop.RunUntilComplete(main()), 42);
  EXPECT_EQ(words, (Words{"child cancelled"}));
}

TEST(TaskGroupTest, CancellingTheParentCancelsAllChildren) {  // E04
  for (const bool body_waits : {true, false}) {
    EventLoop loop;
    Words words;
    auto main = [&]() -> Task<void> {
      TaskGroup group;
      co_await group.Run([&]() -> Task<void> {
        for (int i = 0; i < 5; ++i) group.Spawn(Forever(words, std::to_string(i)));
        if (body_waits) co_await SleepFor(1h);
      });
    };
    TaskHandle<void> task = SpawnOn(loop, main());
    RunBriefly(loop, 3);
    task.Cancel();
    EXPECT_THROW(loop.RunUntilComplete(task), TaskCancelled);
    EXPECT_TRUE(task.cancelled());
    EXPECT_EQ(words,
              (Words{"0 cancelled", "1 cancelled", "2 cancelled", "3 cancelled", "4 cancelled"}));
  }
}

TEST(TaskGroupTest, AnExceptionInTheBodyCancelsTheChildrenAndIsInTheGroup) {  // E06
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<void> {
    TaskGroup group;
    co_await group.Run([&]() -> Task<void> {
      group.Spawn(Forever(words, "child"));
      co_await Yield();
      throw std::runtime_error("body");
    });
  };
  EXPECT_EQ(MessageOf<ExceptionGroup>([&] { loop.RunUntilComplete(main()); }),
            "failures in a TaskGroup (1 failure): body");
  EXPECT_EQ(words, (Words{"child cancelled"}));
}

TEST(TaskGroupTest, NothingCanBeSpawnedBeforeAfterOrWhileItShutsDown) {  // E10
  EventLoop loop;
  Words errors;
  CollectErrors(loop, errors);
  Words words;
  TaskGroup group;
  auto try_to_spawn = [&] {
    words.push_back(MessageOf<std::logic_error>([&] { group.Spawn(Takes(1, 1)); }));
  };
  auto main = [&]() -> Task<void> {
    try_to_spawn();
    try {
      co_await group.Run([&]() -> Task<void> {
        group.Spawn(Fails(0, "boom"));
        try {
          co_await SleepFor(1h);
        } catch (const TaskCancelled&) {
          try_to_spawn();
          throw;
        }
      });
    } catch (const ExceptionGroup&) {
      try_to_spawn();
    }
    co_await group.Run(Fails(0, "not again"));
  };
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.RunUntilComplete(main()); }),
            "TaskGroup::Run: it has been used before");
  EXPECT_EQ(words, (Words{"TaskGroup::Spawn: the group does not run yet",
                          "TaskGroup::Spawn: the group is shutting down",
                          "TaskGroup::Spawn: the group has ended"}));
  EXPECT_EQ(errors.size(), 4u);  // the coroutines that never ran
}

TEST(TaskGroupTest, GroupsNest) {
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<void> {
    TaskGroup outer;
    co_await outer.Run([&]() -> Task<void> {
      outer.Spawn(Forever(words, "outer child"));
      TaskGroup inner;
      co_await inner.Run([&]() -> Task<void> {
        inner.Spawn(Fails(3, "inner"));
        co_return;
      });
    });
  };
  EXPECT_EQ(MessageOf<ExceptionGroup>([&] { loop.RunUntilComplete(main()); }),
            "failures in a TaskGroup (1 failure): failures in a TaskGroup (1 failure): inner");
  EXPECT_EQ(words, (Words{"outer child cancelled"}));
}

}  // namespace
}  // namespace interleave
