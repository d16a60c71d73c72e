// runtime/engine/simulate.h
//
// What Simulate and RunAsFarAs have in common: one run for somebody who looks at it.
#ifndef INTERLEAVE_RUNTIME_ENGINE_SIMULATE_H_
#define INTERLEAVE_RUNTIME_ENGINE_SIMULATE_H_

#include <functional>
#include <memory>

#include "runtime/engine/explore.h"
#include "runtime/engine/schedule.h"
#include "runtime/engine/strategy.h"

namespace interleave::engine {

// By a strategy that is made anew for each attempt. `look` is called after the last of them, while
// all of its threads are still there. The report's schedule is that of the path that was taken.
RunReport SimulateBy(const Body& body, const SimulateOptions& options, const Schedule& schedule,
                     const std::function<std::unique_ptr<Strategy>()>& make_strategy,
                     const std::function<void()>& look = {});

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SIMULATE_H_
