// The choices written in a schedule, one after the other. A schedule names threads, not answers
// ("2", not "the second"), so that a reader can follow it. What comes behind them is a mistake, or
// another strategy's business.
#include "runtime/engine/columns.h"
#include "runtime/engine/strategy.h"

namespace interleave::engine {
namespace {

std::string List(const ThreadSet& threads) {
  std::string text;
  for (std::uint32_t n = 0; n < threads.Size(); ++n) {
    if (n > 0) text += n + 1 < threads.Size() ? ", " : " or ";
    text += std::to_string(threads.Nth(n));
  }
  return text;
}

class Replay : public Strategy {
 public:
  Replay(std::vector<std::uint32_t> choices, std::unique_ptr<Strategy> rest)
      : choices_(std::move(choices)), rest_(std::move(rest)) {}

  bool Begin() override {
    at_ = 0;
    return rest_ == nullptr || rest_->Begin();
  }

  std::uint32_t Choose(const Choice& choice) override {
    if (at_ == choices_.size() && rest_ != nullptr) return rest_->Choose(choice);
    if (at_ == choices_.size()) {
      Complain("the schedule ends after " + std::to_string(at_) + " of the choices; the next is " +
               Offer(choice));
      ++at_;
      return choice.Answer(0);
    }
    if (at_ > choices_.size()) return choice.Answer(0);
    std::uint32_t wanted = choices_[at_++];
    if (choice.threads == nullptr) {
      if (wanted < choice.options) return wanted;
    } else if (choice.threads->Contains(wanted)) {
      return wanted;
    }
    Complain("choice " + std::to_string(at_) + " of the schedule is " + std::to_string(wanted) +
             ", but the choice there is " + Offer(choice));
    return choice.Answer(0);
  }

  bool End() override {
    if (at_ < choices_.size()) {
      Complain("the run was over after " + std::to_string(at_) + " of the schedule's " +
               Counted(std::int64_t(choices_.size()), "choice"));
    }
    const bool counts = rest_ == nullptr || rest_->End();
    if (rest_ != nullptr && !rest_->Complaint().empty()) Complain(rest_->Complaint());
    return counts;
  }

  bool RanAll() const override { return rest_ != nullptr && rest_->RanAll(); }

 private:
  static std::string Offer(const Choice& choice) {
    if (choice.threads != nullptr) return "thread " + List(*choice.threads);
    return "0 to " + std::to_string(choice.options - 1);
  }

  const std::vector<std::uint32_t> choices_;
  const std::unique_ptr<Strategy> rest_;  // null: there is nothing behind them
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> MakeReplay(std::vector<std::uint32_t> choices) {
  return MakeAfter(std::move(choices), nullptr);
}

std::unique_ptr<Strategy> MakeAfter(std::vector<std::uint32_t> choices,
                                    std::unique_ptr<Strategy> rest) {
  return std::make_unique<Replay>(std::move(choices), std::move(rest));
}

}  // namespace interleave::engine
