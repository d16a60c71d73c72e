#include "runtime/engine/places.h"

#include "runtime/engine/inside.h"

namespace interleave::engine {

Places places;

void Places::Clear(std::function<bool(std::uintptr_t)> decide) {
  slots_.assign(1024, nullptr);
  mask_ = slots_.size() - 1;
  places_.clear();
  decide_ = std::move(decide);
  grown_ = false;
}

Place& Places::Insert(std::uintptr_t address) {
  EngineScope scope;
  if (2 * (places_.size() + 1) > slots_.size()) {
    slots_.assign(slots_.size() * 2, nullptr);
    mask_ = slots_.size() - 1;
    for (const std::unique_ptr<Place>& place : places_) {
      std::size_t i = Hash(place->address);
      while (slots_[i & mask_] != nullptr) ++i;
      slots_[i & mask_] = place.get();
    }
  }
  places_.push_back(std::make_unique<Place>());
  Place& place = *places_.back();
  place = {address, static_cast<std::uint32_t>(places_.size() - 1), decide_ && decide_(address)};
  std::size_t i = Hash(address);
  while (slots_[i & mask_] != nullptr) ++i;
  slots_[i & mask_] = &place;
  return place;
}

std::vector<std::uintptr_t> Places::Points() const {
  std::vector<std::uintptr_t> points;
  for (const std::unique_ptr<Place>& place : places_) {
    if (place->point) points.push_back(place->address);
  }
  return points;
}

}  // namespace interleave::engine
