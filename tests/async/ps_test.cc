// tests/async/ps_test.cc

#include "runtime/async/ps.h"

#include <gtest/gtest.h>

#include <string>

#include "runtime/async/async_event.h"
#include "runtime/async/gather.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

Task<void> Connect(AsyncEvent& event) { co_await event.Wait(); }

Task<void> Fetch(AsyncEvent& event) { co_await Connect(event); }

Task<void> Crawl(AsyncEvent& event) {
  TaskHandle<void> first = Spawn(Fetch(event), "first");
  TaskHandle<void> second = Spawn(Fetch(event), "second");
  co_await Gather(first, second);
}

Task<void> Beat() {
  while (true) co_await Yield();
}
// Where a task stands that is ready is not kept: it is said to stand in its function, which begins
// in one line and, for g++, is known by that of its end.
#if defined(__clang__)
const std::string kBeat = "28";
#else
const std::string kBeat = "30";
#endif

TEST(PsTest, ATaskStandsUnderTheOneThatWaitsForItWithItsCoroutinesAndLines) {
  EventLoop loop;
  AsyncEvent event;
  TaskHandle<void> crawler = SpawnOn(loop, Crawl(event), "crawler");
  TaskHandle<void> beat = SpawnOn(loop, Beat(), "heartbeat");
  RunBriefly(loop, 3);
  EXPECT_EQ(Ps(loop),
            "crawler  Crawl (ps_test.cc:25): Gather pending\n"
            "  first  Fetch (ps_test.cc:20) > Connect (ps_test.cc:18): event\n"
            "  second  Fetch (ps_test.cc:20) > Connect (ps_test.cc:18): event\n"
            "heartbeat  Beat (ps_test.cc:" +
                kBeat + "): ready\n");
  event.Set();
  loop.RunUntilComplete(crawler);
  beat.Cancel();
  RunBriefly(loop);
  EXPECT_EQ(Ps(loop), "");
}

TEST(PsTest, WhoeverAsksIsRunning) {
  EventLoop loop;
  std::string text;
  loop.RunUntilComplete(SpawnOn(
      loop,
      [](std::string& text) -> Task<void> {
        text = Ps(EventLoop::Current());
        co_return;
      }(text),
      "curious"));
  EXPECT_EQ(text.substr(0, 9), "curious  ") << text;
  EXPECT_TRUE(text.ends_with(": running\n")) << text;
}

TEST(PsTest, ARingOfTasksEnds) {
  EventLoop loop;
  Words errors;
  CollectErrors(loop, errors);
  AsyncFuture<void> other(loop);
  auto awaits = [](AsyncFuture<void>& future) -> Task<void> { co_await future; };
  TaskHandle<void> a = SpawnOn(loop, awaits(other), "a");
  AsyncFuture<void> first = a;
  TaskHandle<void> b = SpawnOn(loop, awaits(first), "b");
  other = b;
  RunBriefly(loop);
  const std::string text = Ps(loop);
  EXPECT_NE(text.find("a  (see above)"), std::string::npos) << text;
  a.Cancel();
  RunBriefly(loop, 4);
  EXPECT_TRUE(a.done());
  EXPECT_TRUE(b.done());
}

}  // namespace
}  // namespace interleave
