// tests/lab/run_builder.h
//
// Writes down a run by hand, as the engine would report it:
//
//   RunReport run = RunBuilder({"MainThread", "adder-1"})
//                       .Step(1, StepKind::kRead, "counter", "0")
//                       .Blocked(0, StepKind::kJoin, "adder-1")
//                       .At(2s).Step(1, StepKind::kEnd)
//                       .Returned("done");
#ifndef INTERLEAVE_TESTS_LAB_RUN_BUILDER_H_
#define INTERLEAVE_TESTS_LAB_RUN_BUILDER_H_

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave::lab {

class RunBuilder {
 public:
  explicit RunBuilder(std::vector<std::string> threads) { run_.threads = std::move(threads); }

  RunBuilder& At(std::chrono::nanoseconds time) {
    run_.ended = time;
    return *this;
  }

  RunBuilder& From(const std::string& file, int line) {
    place_.file = file.substr(file.rfind('/') + 1);
    place_.path = file == place_.file ? "" : file;
    place_.line = line;
    return *this;
  }

  RunBuilder& Step(int thread, StepKind kind, std::string object = "", std::string value = "") {
    return Add(thread, kind, std::move(object), std::move(value), /*blocked=*/false);
  }

  RunBuilder& Blocked(int thread, StepKind kind, std::string object = "") {
    return Add(thread, kind, std::move(object), "", /*blocked=*/true);
  }

  RunReport Returned(std::string outcome) {
    run_.outcome = std::move(outcome);
    return run_;
  }

 private:
  RunBuilder& Add(int thread, StepKind kind, std::string object, std::string value, bool blocked) {
    interleave::Step step;
    step.time = run_.ended;
    step.thread = thread;
    step.kind = kind;
    step.blocked = blocked;
    step.object = std::move(object);
    step.value = std::move(value);
    step.place = place_;
    run_.trace.push_back(step);
    return *this;
  }

  RunReport run_;
  SourceLine place_;
};

}  // namespace interleave::lab

#endif  // INTERLEAVE_TESTS_LAB_RUN_BUILDER_H_
