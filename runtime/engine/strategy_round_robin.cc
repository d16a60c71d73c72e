// Each thread makes one step in turn, in order of the numbers. Fair, so a program that waits in a
// loop for another thread gets on; and it shows the simplest races at once, for two threads that
// run the same lines go through them side by side.
#include <utility>

#include "runtime/engine/strategy.h"

namespace interleave::engine {
namespace {

class RoundRobin : public Strategy {
 public:
  bool Begin() override { return !std::exchange(begun_, true); }  // it has one schedule

  std::uint32_t Choose(const Choice& choice) override {
    if (choice.threads == nullptr) return 0;
    return choice.threads->After(choice.running);
  }

 private:
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<Strategy> MakeRoundRobin() { return std::make_unique<RoundRobin>(); }

}  // namespace interleave::engine
