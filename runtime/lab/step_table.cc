// runtime/lab/step_table.cc
#include "runtime/lab/step_table.h"

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/lab/page.h"

namespace interleave::lab {
namespace {

// What the event loop does for itself. When it sleeps is of interest.
bool IsLoopsOwn(const Step& step) {
  return step.kind != StepKind::kPoll &&
         step.place.path.find("runtime/async/") != std::string::npos;
}

StepsOptions OptionsFor(std::string_view watched) {
  StepsOptions options;
  options.watched = watched;
  options.source = false;  // a lesson has its few lines in its head
  options.width = kPageWidth;
  options.leaves_out = [](const Step& step) { return IsInsideCompute(step) || IsLoopsOwn(step); };
  options.emphasis = Alarm;
  return options;
}

}  // namespace

std::string StepTable(const RunReport& report, std::string_view watched, bool explain) {
  StepsOptions options = OptionsFor(watched);
  options.source = options.explain = explain;
  return StepsText(report, options);
}

std::vector<StepRow> TableRows(const RunReport& report, std::string_view watched) {
  StepsOptions options = OptionsFor(watched);
  options.explain = options.to_the_end = true;
  return StepRows(report, options);
}

std::string FirstPlace(const RunReport& report, std::string_view watched) {
  const StepsOptions options = OptionsFor(watched);
  const std::vector<Step> steps = ConcurrentSteps(report);
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const Step& step) {
    return watched.empty() ? BelongsInTable(step, options) : step.object == watched;
  });
  return found == steps.end() || found->place.line == 0 ? "" : found->place.Text();
}

}  // namespace interleave::lab
