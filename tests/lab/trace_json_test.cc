// tests/lab/trace_json_test.cc
#include "runtime/lab/trace_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/lab/run_builder.h"

namespace interleave::lab {
namespace {

using K = StepKind;
using Json = nlohmann::json;

std::vector<Json> EventsOf(const Json& trace, const std::string& phase) {
  std::vector<Json> events;
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] == phase) events.push_back(event);
  }
  return events;
}

RunReport OneSleeper() {
  return RunBuilder({"MainThread", "sleeper"})
      .Step(1, K::kStart)
      .Blocked(1, K::kSleep)
      .At(std::chrono::seconds(2))
      .Step(1, K::kSleep)
      .Step(1, K::kOutput, "done\n")
      .Step(1, K::kEnd)
      .Returned("fine");
}

std::string Traced(const RunReport& run) { return TraceJson(run, MakeLanes(run), "lab"); }

TEST(TraceJson, ASleepIsASliceOfItsVirtualLength) {
  const Json trace = Json::parse(Traced(OneSleeper()));
  const auto slices = EventsOf(trace, "X");
  ASSERT_EQ(slices.size(), 1u);
  EXPECT_EQ(slices[0]["name"], "sleeps");
  EXPECT_EQ(slices[0]["tid"], 1);
  EXPECT_EQ(slices[0]["ts"], 0.0);
  EXPECT_EQ(slices[0]["dur"], 2e6);
  EXPECT_EQ(trace["otherData"]["outcome"], "fine");
}

TEST(TraceJson, StepsAtOneInstantKeepTheirOrder) {
  const auto steps = EventsOf(Json::parse(Traced(OneSleeper())), "i");
  ASSERT_EQ(steps.size(), 5u);
  for (std::size_t i = 1; i < steps.size(); ++i) {
    EXPECT_LT(steps[i - 1]["ts"].get<double>(), steps[i]["ts"].get<double>());
  }
  EXPECT_EQ(steps[3]["name"], "prints \"done\"");
}

TEST(TraceJson, TasksHaveTracksBelowTheirThreads) {
  TaskLane task;
  task.lane.name = "ONE";
  task.lane.spans = {{Activity::kWaits, 0, 1e9, "sleep"}};
  const RunReport run = OneSleeper();
  const Json trace = Json::parse(TraceJson(run, MakeLanes(run, {task}), "lab"));
  std::vector<std::pair<std::string, int>> tracks;  // in the order in which they are shown
  for (const Json& event : EventsOf(trace, "M")) {
    if (event["name"] == "thread_name") tracks.emplace_back(event["args"]["name"], event["tid"]);
  }
  EXPECT_EQ(tracks, (std::vector<std::pair<std::string, int>>{
                        {"MainThread", 0}, {"task ONE", 2}, {"sleeper", 1}}));
  const auto slices = EventsOf(trace, "X");
  ASSERT_EQ(slices.size(), 2u);
  EXPECT_EQ(slices[0]["name"], "sleep");
  EXPECT_EQ(slices[0]["tid"], 2);
}

TEST(TraceJson, BytesThatAreNoTextAreReplaced) {
  const RunReport run = RunBuilder({"MainThread"}).Step(0, K::kOutput, "\xff\xfe").Returned("");
  EXPECT_TRUE(Json::accept(Traced(run)));
}

}  // namespace
}  // namespace interleave::lab
