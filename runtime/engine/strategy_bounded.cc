// Every schedule within a bound, depth first, and of those the ones that use all of it: asked for
// the bounds 0, 1, 2 ... one after the other, each schedule is counted once, and those that are
// least unlike an ordinary run come first. Most bugs need very few.
//
//   preemptions  switches away from a thread that could have gone on (Musuvathi and Qadeer 2007)
//   delays       a scheduler lets the running thread go on as long as it can and then the next one
//                in order of the numbers; a delay passes over the one whose turn it is (Emmi,
//                Qadeer and Rakamaric 2011). There are fewer such schedules: with n choices and
//                bound d about n to the power of d, however many threads.
#include <utility>

#include "runtime/engine/columns.h"
#include "runtime/engine/strategy.h"

namespace interleave::engine {
namespace {

class Bounded : public Strategy {
 public:
  explicit Bounded(int bound) : bound_(bound) {}

  bool Begin() override {
    depth_ = 0;
    spent_ = 0;
    if (std::exchange(first_, false)) return true;
    while (!path_.empty() && !HasNext(path_.back())) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().answer;
    return true;
  }

  std::uint32_t Choose(const Choice& choice) override {
    if (depth_ == path_.size()) path_.push_back({0, choice, spent_});
    Branch& branch = path_[depth_++];
    if (branch.choice.options != choice.options) {
      Complain("step " + std::to_string(depth_) + " offered " + Counted(choice.options, "choice") +
               ", " + std::to_string(branch.choice.options) +
               " the first time: something besides the schedule decides what this program does");
      return choice.Answer(0);
    }
    spent_ = branch.spent + Cost(branch.choice, branch.answer);
    return Nth(choice, branch.answer);
  }

  bool End() override { return spent_ == bound_; }

  bool RanAll() const override { return !left_out_; }

 protected:
  // The n-th cheapest answer, and its price. The first costs nothing.
  virtual std::uint32_t Nth(const Choice& choice, std::uint32_t n) const = 0;
  virtual int Cost(const Choice& choice, std::uint32_t n) const = 0;

 private:
  struct Branch {
    std::uint32_t answer;
    Choice choice;
    int spent;  // before it
  };

  bool HasNext(const Branch& branch) {
    if (branch.answer + 1 == branch.choice.options) return false;
    if (branch.spent + Cost(branch.choice, branch.answer + 1) <= bound_) return true;
    left_out_ = true;
    return false;
  }

  const int bound_;
  bool first_ = true;
  bool left_out_ = false;
  std::vector<Branch> path_;
  std::size_t depth_ = 0;
  int spent_ = 0;
};

class Preemptions : public Bounded {
  using Bounded::Bounded;

  std::uint32_t Nth(const Choice& choice, std::uint32_t n) const override {
    if (!choice.preempts) return choice.Answer(n);
    if (n == 0) return choice.running;
    return choice.Answer(choice.Answer(n - 1) < choice.running ? n - 1 : n);
  }
  int Cost(const Choice& choice, std::uint32_t n) const override {
    return choice.preempts && n > 0 ? 1 : 0;
  }
};

class Delays : public Bounded {
  using Bounded::Bounded;

  std::uint32_t Nth(const Choice& choice, std::uint32_t n) const override {
    if (choice.threads == nullptr) return n;
    std::uint32_t turn = choice.preempts ? choice.running : choice.threads->After(choice.running);
    for (; n > 0; --n) turn = choice.threads->After(turn);
    return turn;
  }
  int Cost(const Choice& choice, std::uint32_t n) const override {
    return choice.threads != nullptr ? static_cast<int>(n) : 0;
  }
};

}  // namespace

std::unique_ptr<Strategy> MakePreemptions(int bound) {
  return std::make_unique<Preemptions>(bound);
}
std::unique_ptr<Strategy> MakeDelays(int bound) { return std::make_unique<Delays>(bound); }

}  // namespace interleave::engine
