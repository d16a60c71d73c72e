// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and Nagarakatte 2010). Each
// thread has a random priority, and of those that can go on the one with the highest does. At
// depth - 1 random moments the thread whose turn it is falls below all others. A bug of depth d is
// one that needs d orderings between steps of different threads; with n threads and k steps a run
// finds it with a probability of at least
//
//     1 / (n * k^(d-1))
//
// which holds for each bug of the program, however rare it is elsewhere: one in a hundred for a
// forgotten start-up order among ten threads, one in 10,000 for a lost update among 1,000 steps.
//
// k is not known before a run; the longest so far is taken. A thread that gives way, or waits in a
// loop, falls behind as well, or nobody would ever end its waiting.
#include <algorithm>
#include <vector>

#include "runtime/engine/random_numbers.h"
#include "runtime/engine/strategy.h"

namespace interleave::engine {
namespace {

class Pct : public Strategy {
 public:
  Pct(std::uint64_t seed, int depth, std::int64_t runs)
      : seed_(seed), runs_(runs), moments_(static_cast<std::size_t>(std::max(depth - 1, 0))) {}

  bool Begin() override {
    if (runs_ >= 0 && run_ == runs_) return false;
    // Hashed: runs whose numbers are the same but for the first have the same priorities.
    numbers_ = RandomNumbers(RandomNumbers(seed_, run_).Next(), 0);
    ++run_;
    longest_ = std::max(longest_, step_ + 1);
    for (std::int64_t& moment : moments_) {
      moment = numbers_.Below(static_cast<std::uint32_t>(longest_));
    }
    step_ = -1;
    lowest_ = kMiddle;
    priorities_.clear();
    return true;
  }

  std::uint32_t Choose(const Choice& choice) override {
    if (choice.threads == nullptr) return numbers_.Below(choice.options);
    bool behind = choice.gave_way || (!choice.preempts && choice.threads->Contains(choice.running));
    if (behind) FallBehind(choice.running);
    // A moment among the steps that nobody chose is the last one's who made them.
    if (HasMoment(step_ + 1, choice.step)) FallBehind(choice.running);
    std::uint32_t highest = Highest(*choice.threads);
    if (HasMoment(choice.step, choice.step + 1)) {
      FallBehind(highest);
      highest = Highest(*choice.threads);
    }
    step_ = choice.step;
    return highest;
  }

 private:
  static constexpr std::uint64_t kMiddle = std::uint64_t{1} << 32;

  // Above kMiddle: what it began with. Below: the later it fell, the lower.
  std::uint64_t& PriorityOf(std::uint32_t thread) {
    while (thread >= priorities_.size()) priorities_.push_back(kMiddle + (numbers_.Next() >> 32));
    return priorities_[thread];
  }

  bool HasMoment(std::int64_t begin, std::int64_t end) const {
    return std::any_of(moments_.begin(), moments_.end(),
                       [&](std::int64_t moment) { return moment >= begin && moment < end; });
  }

  void FallBehind(std::uint32_t thread) { PriorityOf(thread) = --lowest_; }

  std::uint32_t Highest(const ThreadSet& threads) {
    std::uint32_t highest = threads.First();
    for (std::uint32_t n = 1; n < threads.Size(); ++n) {
      std::uint32_t thread = threads.Nth(n);
      if (PriorityOf(thread) > PriorityOf(highest)) highest = thread;
    }
    return highest;
  }

  const std::uint64_t seed_;
  const std::int64_t runs_;
  std::vector<std::int64_t> moments_;  // numbers of steps
  std::int64_t run_ = 0;
  RandomNumbers numbers_;
  std::int64_t longest_ = 10;
  std::int64_t step_ = 0;  // of the last choice
  std::uint64_t lowest_ = kMiddle;
  std::vector<std::uint64_t> priorities_;
};

}  // namespace

std::unique_ptr<Strategy> MakePct(std::uint64_t seed, int depth, std::int64_t runs) {
  return std::make_unique<Pct>(seed, depth, runs);
}

}  // namespace interleave::engine
