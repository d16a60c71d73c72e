// Threads with priorities, as a real-time system has them (POSIX: SCHED_FIFO): of those that can go
// on, the most urgent do, and the others wait however long that takes. Who is equally urgent is a
// choice, left to the strategy; round robin, for one, gives each of them a step in turn.
//
// This stands before the strategies instead of among them. As a strategy of its own it would be
// left behind by a replay, by the minimising of schedules, and by every other way to explore. Here
// a schedule has no choices but those that the priorities leave open, whoever makes them.
//
// It does not go with kDistinct, which takes a thread that can go on for one that may.
//
// Priorities are what pthread_setschedparam says (boundary_priorities.cc); ordinary threads have 0.
#include <algorithm>

#include "runtime/engine/answer_words.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

// REQUIRES: somebody is ready.
const ThreadSet& Scheduler::MostUrgent() {
  most_urgent_.Clear();
  int highest = 0;
  std::uint32_t thread = ready_.First();
  for (std::uint32_t left = ready_.Size(); left > 0; --left, thread = ready_.After(thread)) {
    const int priority = threads_[thread]->priority;
    if (priority > highest) {
      most_urgent_.Clear();
      highest = priority;
    }
    if (priority == highest) most_urgent_.Add(thread);
  }
  return most_urgent_;
}

// Whom a wake-up reaches: the kernel's lists of waiters are in order of priorities, too.
std::uint32_t Scheduler::ChooseMostUrgent(const std::vector<int>& priorities) {
  const int highest = *std::max_element(priorities.begin(), priorities.end());
  std::vector<std::uint32_t> most_urgent;
  for (std::uint32_t i = 0; i < priorities.size(); ++i) {
    if (priorities[i] == highest) most_urgent.push_back(i);
  }
  if (answer_words.on) {
    const std::vector<std::string> all = answer_words.Take();
    std::vector<std::string> words;
    for (std::uint32_t i : most_urgent) words.push_back(all[i]);
    answer_words.Say(std::move(words));
  }
  return most_urgent[Choose(static_cast<std::uint32_t>(most_urgent.size()))];
}

}  // namespace interleave::engine
