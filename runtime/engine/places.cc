#include "runtime/engine/places.h"

#include <algorithm>

#include "runtime/engine/inside.h"

namespace interleave::engine {

Places places;

void Places::Clear(std::function<bool(std::uintptr_t)> decide) {
  decide_ = std::move(decide);
  slots_.assign(kHashes, {0, false, decide_ != nullptr});
  known_.clear();
  grown_ = false;
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
