// runtime/engine/places.h
//
// Which places in the code are scheduling points. A place is the return address of a memory hook,
// so one per access in the machine code. Most accesses are ordered by locks and joins and never
// need to be points; a place that was seen in a race becomes one, and an atomic place becomes one
// once two threads use the variable and one of them writes. The set only grows: when a run has
// added to it, exploring starts over, until a run adds nothing.
//
// A replay is told the places in its schedule ("@24") and does not look for more.
#ifndef INTERLEAVE_RUNTIME_ENGINE_PLACES_H_
#define INTERLEAVE_RUNTIME_ENGINE_PLACES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace interleave::engine {

struct Place {
  std::uintptr_t address = 0;
  std::uint32_t number = 0;
  bool point = false;
};

class Places {
 public:
  // Forgets all. With `decide` the points are those places for which it says so, asked once each;
  // without, they are found.
  void Clear(std::function<bool(std::uintptr_t place)> decide);

  Place& Of(std::uintptr_t address) {
    for (std::size_t i = Hash(address);; ++i) {
      Place* place = slots_[i & mask_];
      if (place == nullptr) return Insert(address);
      if (place->address == address) return *place;
    }
  }

  Place& Numbered(std::uint32_t number) { return *places_[number]; }

  void MakePoint(Place& place) {
    if (place.point || decide_) return;
    place.point = true;
    grown_ = true;
  }

  // Whether MakePoint has added one since the last call.
  bool TakeGrown() { return std::exchange(grown_, false); }

  std::vector<std::uintptr_t> Points() const;

 private:
  static std::size_t Hash(std::uintptr_t address) { return address * 0x9e3779b97f4a7c15 >> 40; }
  Place& Insert(std::uintptr_t address);

  std::vector<Place*> slots_ = std::vector<Place*>(1024);
  std::size_t mask_ = 1023;
  std::vector<std::unique_ptr<Place>> places_;
  std::function<bool(std::uintptr_t)> decide_;
  bool grown_ = false;
};

extern Places places;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_PLACES_H_
