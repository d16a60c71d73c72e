#include "runtime/engine/places.h"

#include <algorithm>

#include "runtime/engine/inside.h"

// Where the program's own code begins and ends; the linker says.
extern "C" const char __executable_start[], etext[];

namespace interleave::engine {

Places places;

bool Places::InProgram(std::uintptr_t place) {
  return place >= reinterpret_cast<std::uintptr_t>(__executable_start) &&
         place < reinterpret_cast<std::uintptr_t>(etext);
}

void Places::Clear(std::function<bool(std::uintptr_t)> decide) {
  decide_ = std::move(decide);
  slots_.assign(kHashes, {0, false, decide_ != nullptr});
  known_.clear();
  grown_ = false;
  frozen_ = false;
}

bool Places::IsPointSlow(std::uintptr_t place) {
  EngineScope scope;
  auto known = known_.find(place);
  if (known != known_.end()) return known->second;
  if (!decide_) return false;
  bool is_point = known_[place] = decide_(place);
  slots_[Hash(place)] = {place, is_point, true};
  return is_point;
}

void Places::Add(std::uintptr_t place) {
  EngineScope scope;
  known_[place] = true;
  Slot& slot = slots_[Hash(place)];
  slot = {place, true, slot.place != 0};
  grown_ = true;
}

std::vector<std::uintptr_t> Places::Points() const {
  std::vector<std::uintptr_t> points;
  for (const auto& [place, is_point] : known_) {
    if (is_point) points.push_back(place);
  }
  std::sort(points.begin(), points.end());
  return points;
}

}  // namespace interleave::engine
