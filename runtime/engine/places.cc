#include "runtime/engine/places.h"

#include <algorithm>
#include <iterator>

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
  std::fill(std::begin(slots_), std::end(slots_), decide_ ? kSeveral : kNone);
  known_.clear();
  grown_ = false;
  frozen_ = false;
}

bool Places::IsPointSlow(std::uintptr_t place) {
  EngineScope scope;
  auto known = known_.find(place);
  if (known != known_.end()) return known->second;
  if (!decide_) return false;
  return known_[place] = decide_(place);
}

void Places::Add(std::uintptr_t place) {
  EngineScope scope;
  known_[place] = true;
  std::uintptr_t& slot = slots_[place % kSlots];
  slot = slot == kNone ? place : kSeveral;
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
