// runtime/engine/step_remarks.h
//
// What is remarkable about a step, seen from the steps before it: that it overwrites what another
// thread wrote, who holds the lock it waits for, who ended its wait. It is told all steps of a run
// in order.
#ifndef INTERLEAVE_RUNTIME_ENGINE_STEP_REMARKS_H_
#define INTERLEAVE_RUNTIME_ENGINE_STEP_REMARKS_H_

#include <cstddef>
#include <map>
#include <string>

#include "runtime/engine/explore.h"

namespace interleave {

class StepRemarks {
 public:
  explicit StepRemarks(const RunReport& report) : report_(report) {}

  // The next step of the run, which is row `row` of the table; 0: none.
  void Next(const Step& step, std::size_t row);

  // About the step that was told last. A few words, or empty.
  const std::string& Remark() const { return remark_; }

  // About the step that was told last: what it waits or has waited for, in one sentence, or empty.
  const std::string& Explanation() const { return explanation_; }

 private:
  // What a thread knows of a variable: whether it has looked, and who wrote since.
  struct Knowledge {
    bool has_read = false;
    int overwritten_by = -1;
  };
  struct Hold {
    int thread;
    std::size_t row;
  };
  struct Past {  // of a thread
    std::size_t waits_since = 0;
    bool waits = false;
    std::string release;  // its last step that could let somebody go on
    std::size_t release_row = 0;
  };

  std::string RemarkOnAccess(const Step& step);
  std::string RemarkOnLock(const Step& step, std::size_t row);
  std::string WhyItWaits(const Step& step);
  std::string WhyItGoesOn(const Step& step);
  std::string Name(int thread) const {
    return report_.threads.at(static_cast<std::size_t>(thread));
  }
  std::string At(std::chrono::nanoseconds time) const;
  static std::string Since(std::size_t row);

  const RunReport& report_;
  std::map<std::string, std::map<int, Knowledge>> knowledge_;  // by variable, then thread
  std::map<std::string, Hold> holder_;                         // by lock
  std::map<int, Past> past_;
  int stepped_ = -1;  // who made the last step
  std::string remark_, explanation_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ENGINE_STEP_REMARKS_H_
