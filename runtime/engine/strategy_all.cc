// Every schedule. The choices of a run are a path through a tree; after each run the last choice on
// the path that has an answer left gets its next one, and what came behind it is forgotten. When
// none is left the whole tree has been walked, each leaf once.
//
// A run must offer the same choices along the part of the path that it repeats. If it does not, the
// program depends on something besides the schedule (the real time, addresses, random numbers), and
// what was counted means nothing.
#include "runtime/engine/columns.h"
#include "runtime/engine/strategy.h"

namespace interleave::engine {
namespace {

class All : public Strategy {
 public:
  bool Begin() override {
    depth_ = 0;
    if (first_) {
      first_ = false;
      return true;
    }
    while (!path_.empty() && path_.back().answer + 1 == path_.back().options) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().answer;
    return true;
  }

  std::uint32_t Choose(const Choice& choice) override {
    if (depth_ == path_.size()) path_.push_back({0, choice.options});
    Branch& branch = path_[depth_++];
    if (branch.options != choice.options) {
      Complain("step " + std::to_string(depth_) + " offered " + Counted(choice.options, "choice") +
               ", " + std::to_string(branch.options) +
               " the first time: something besides the schedule decides what this program does");
    }
    return choice.Answer(branch.answer < choice.options ? branch.answer : 0);
  }

  bool End() override {
    if (depth_ < path_.size()) {
      Complain("a run ended after " + Counted(std::int64_t(depth_), "choice") +
               ", after more than " + std::to_string(path_.size() - 1) +
               " the first time: something besides the schedule decides what this program does");
    }
    return true;
  }

  bool RanAll() const override { return true; }

 private:
  struct Branch {
    std::uint32_t answer;
    std::uint32_t options;
  };
  bool first_ = true;
  std::vector<Branch> path_;
  std::size_t depth_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> MakeAll() { return std::make_unique<All>(); }

}  // namespace interleave::engine
