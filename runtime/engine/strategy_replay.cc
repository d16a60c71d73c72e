// The choices written in a schedule, one after the other. A schedule names threads, not answers
// ("2", not "the second"), so that a reader can follow it.
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
  explicit Replay(std::vector<std::uint32_t> choices) : choices_(std::move(choices)) {}

  bool Begin() override {
    at_ = 0;
    return true;
  }

  std::uint32_t Choose(const Choice& choice) override {
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
    return true;
  }

 private:
  static std::string Offer(const Choice& choice) {
    if (choice.threads != nullptr) return "thread " + List(*choice.threads);
    return "0 to " + std::to_string(choice.options - 1);
  }

  const std::vector<std::uint32_t> choices_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> MakeReplay(std::vector<std::uint32_t> choices) {
  return std::make_unique<Replay>(std::move(choices));
}

}  // namespace interleave::engine
