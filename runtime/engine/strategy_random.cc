// Random choices from a seed, the same on every machine. Two kinds of run alternate, because they
// find different bugs: in one each thread is as likely as the others at every choice; in the other
// the running thread keeps going three times out of four, which lets queues fill up and leaves a
// thread behind for long.
#include "runtime/engine/random_numbers.h"
#include "runtime/engine/strategy.h"

namespace interleave::engine {
namespace {

class Random : public Strategy {
 public:
  Random(std::uint64_t seed, std::int64_t runs) : seed_(seed), runs_(runs) {}

  bool Begin() override {
    if (runs_ >= 0 && run_ == runs_) return false;
    numbers_ = RandomNumbers(seed_, run_);
    persistent_ = run_ % 2 == 1;
    ++run_;
    return true;
  }

  std::uint32_t Choose(const Choice& choice) override {
    std::uint64_t random = numbers_.Next();
    if (persistent_ && choice.threads != nullptr && choice.threads->Contains(choice.running) &&
        random % 4 != 0) {
      return choice.running;
    }
    return choice.Answer(static_cast<std::uint32_t>((random >> 32) * choice.options >> 32));
  }

 private:
  const std::uint64_t seed_;
  const std::int64_t runs_;
  std::int64_t run_ = 0;
  RandomNumbers numbers_;
  bool persistent_ = false;
};

}  // namespace

std::unique_ptr<Strategy> MakeRandom(std::uint64_t seed, std::int64_t runs) {
  return std::make_unique<Random>(seed, runs);
}

}  // namespace interleave::engine
