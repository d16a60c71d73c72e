// runtime/lab/trace_json.cc
#include "runtime/lab/trace_json.h"

#include <cstddef>
#include <nlohmann/json.hpp>

#include "runtime/engine/phrase.h"

namespace interleave::lab {
namespace {

using Json = nlohmann::ordered_json;  // members in the order in which they are written here

constexpr double kNanosecondsPerMicrosecond = 1000;  // the format counts in microseconds

Json Event(const char* phase, const std::string& name, std::size_t track) {
  return {{"ph", phase}, {"name", name}, {"pid", 1}, {"tid", track}};
}

}  // namespace

std::string TraceJson(const RunReport& report, const Lanes& lanes, const std::string& title) {
  Json events = Json::array();

  Json process = Event("M", "process_name", 0);
  process["args"] = {{"name", title}};
  events.push_back(process);
  // A thread's track has its number; those of tasks are counted on from there.
  std::size_t threads = 0, tasks = report.threads.size();
  for (std::size_t place = 0; place < lanes.lanes.size(); ++place) {
    const Lane& lane = lanes.lanes[place];
    const std::size_t track = lane.is_task ? tasks++ : threads++;
    Json name = Event("M", "thread_name", track);
    name["args"] = {{"name", lane.is_task ? "task " + lane.name : lane.name}};
    events.push_back(name);
    Json order = Event("M", "thread_sort_index", track);
    order["args"] = {{"sort_index", place}};
    events.push_back(order);
    if (lanes.in_steps) continue;
    for (const Span& span : lane.spans) {
      Json slice = Event("X", span.what, track);
      slice["ts"] = span.from / kNanosecondsPerMicrosecond;
      slice["dur"] = (span.to - span.from) / kNanosecondsPerMicrosecond;
      events.push_back(slice);
    }
  }

  std::size_t same_instant = 0;
  for (std::size_t i = 0; i < report.trace.size(); ++i) {
    const Step& step = report.trace[i];
    same_instant = i > 0 && report.trace[i - 1].time == step.time ? same_instant + 1 : 0;
    const auto nanoseconds =
        static_cast<double>((step.time - report.began).count()) + static_cast<double>(same_instant);
    Json instant = Event("i", Phrase(step), static_cast<std::size_t>(step.thread));
    instant["ts"] = nanoseconds / kNanosecondsPerMicrosecond;
    instant["s"] = "t";  // a mark on its thread's track only
    instant["args"] = {{"step", i + 1}, {"object", step.object}, {"value", step.value}};
    instant["args"]["place"] = step.place.Text();
    events.push_back(instant);
  }

  const Json file = {
      {"displayTimeUnit", "ms"},
      {"otherData", {{"outcome", report.outcome}, {"schedule", report.schedule}}},
      {"traceEvents", events},
  };
  // A printed line may hold any bytes; what is not UTF-8 is replaced, not thrown at.
  return file.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace interleave::lab
