// Loops that wait: a thread that looks, and looks again, until another has done something. A
// scheduler that is free to choose could let it look for ever.
#include <algorithm>

#include "runtime/engine/scheduler.h"

namespace interleave::engine {
namespace {

// Looks at the same memory that are choices, and how many then make a thread give way.
constexpr int kExactLooks = 2;
constexpr int kRepeats = 40;

// Steps alone before a thread gives way, at first and at last.
constexpr int kPatience = 400;
constexpr int kLeastPatience = 16;

}  // namespace

// A thread that waits in a loop looks at the same memory again and again. While nobody else runs it
// sees the same, so there is nothing to choose; without this rule every number of rounds would be a
// schedule of its own. The first rounds are choices all the same, for a loop over two reads is no
// spin; and after many the thread gives way, or nobody else ever ran. What this leaves out are
// programs that count their rounds and do something else after the third.
bool Scheduler::Repeats(Thread& me, const void* object, std::uintptr_t place) {
  if (me.looks_turn != turn_) {
    me.looks_turn = turn_;
    me.looks.clear();
    me.repeats = 0;
  }
  for (Thread::Look& look : me.looks) {
    if (look.place != place || look.object != object) continue;
    if (++look.times <= kExactLooks) return false;
    cut_spins_ = true;
    if (++me.repeats == kRepeats) {
      me.repeats = 0;
      GiveWay(place);
    }
    return true;
  }
  me.looks.push_back({place, object, 1});
  return false;
}

// A loop that waits may also lock and unlock, so that no round is a repetition. Whoever has made
// very many steps while others could have gone on gives way, and sooner the next time.
void Scheduler::NotAloneForEver(std::uintptr_t place) {
  Thread& me = *current_;
  if (me.alone_turn != turn_) {
    me.alone_turn = turn_;
    me.alone = 0;
  }
  if (++me.alone < kLeastPatience) return;
  if (me.patience == 0) me.patience = kPatience;
  if (me.alone < me.patience || ready_.Empty()) return;
  me.alone = 0;
  me.patience = std::max(me.patience / 2, kLeastPatience);
  cut_spins_ = true;
  GiveWay(place);
}

}  // namespace interleave::engine
