// runtime/engine/choice.h
//
// Choices that are not threads. An event loop has ten tasks that are ready, and which of them goes
// on is as much a part of the schedule as which thread does. Whoever makes such a choice asks here:
//
//   const auto name = [&](std::size_t i) { return ready[i]->Name(); };
//   Task& next = *ready[ChooseInSimulation(ready.size(), name)];
//
// and the choice is explored, counted, printed in a schedule and replayed like any other.
//
// Threads: on a simulated thread; elsewhere the answer is 0, the first.
#ifndef INTERLEAVE_RUNTIME_ENGINE_CHOICE_H_
#define INTERLEAVE_RUNTIME_ENGINE_CHOICE_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace interleave {

// 0 <= it < options. With one option there is nothing to choose, and nothing is noted. `words` says
// what an option means, "alice goes on"; it is called only where a person is asked (--play).
std::size_t ChooseInSimulation(std::size_t options,
                               const std::function<std::string(std::size_t)>& words);

// The virtual clock, for whoever only measures. To read it by its ordinary name (steady_clock) is
// taken for waiting if it is done a thousand times in a row, and time passes then.
// REQUIRES: on a simulated thread.
std::chrono::nanoseconds VirtualTime();

// The number of the thread that asks, as RunReport::threads has them: 0 is the main thread.
// REQUIRES: on a simulated thread.
std::size_t SimulatedThread();

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ENGINE_CHOICE_H_
