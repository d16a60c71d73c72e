// runtime/engine/choice.cc
#include "runtime/engine/choice.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/engine/answer_words.h"
#include "runtime/engine/inside.h"
#include "runtime/engine/scheduler.h"

namespace interleave {

std::size_t ChooseInSimulation(std::size_t options,
                               const std::function<std::string(std::size_t)>& words) {
  if (!engine::Inside()) return 0;
  engine::EngineScope scope;
  if (engine::answer_words.on) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < options; ++i) all.push_back(words(i));
    engine::answer_words.Say(std::move(all), /*of_a_step=*/false);
  }
  return engine::scheduler.Choose(static_cast<std::uint32_t>(options));
}

std::chrono::nanoseconds VirtualTime() {
  return std::chrono::nanoseconds(engine::scheduler.Clock().Now());
}

std::size_t SimulatedThread() { return engine::scheduler.Current().number; }

}  // namespace interleave
