// runtime/engine/choice.cc
#include "runtime/engine/choice.h"

#include <cstdint>

#include "runtime/engine/inside.h"
#include "runtime/engine/scheduler.h"

namespace interleave {

std::size_t ChooseInSimulation(std::size_t options) {
  if (!engine::Inside()) return 0;
  engine::EngineScope scope;
  return engine::scheduler.Choose(static_cast<std::uint32_t>(options));
}

std::chrono::nanoseconds VirtualTime() {
  return std::chrono::nanoseconds(engine::scheduler.Clock().Now());
}

std::size_t SimulatedThread() { return engine::scheduler.Current().number; }

}  // namespace interleave
