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
#include <unordered_map>
#include <utility>
#include <vector>

namespace interleave::engine {

class Places {
 public:
  // Forgets all. With `decide` the points are those places for which it says so, asked once each;
  // without, they are found.
  void Clear(std::function<bool(std::uintptr_t place)> decide);

  // Nearly every access asks, and nearly always the answer is no, so that is one look at a small
  // table: false only if it is none.
  bool MayBePoint(std::uintptr_t place) const { return slots_[place % kSlots] != kNone; }

  bool IsPoint(std::uintptr_t place) {
    const std::uintptr_t slot = slots_[place % kSlots];
    return slot == place || (slot == kSeveral && IsPointSlow(place));
  }

  // Nothing outside of the program can be one: a schedule could not name it.
  void MakePoint(std::uintptr_t place) {
    if (!decide_ && !frozen_ && !IsPoint(place) && InProgram(place)) Add(place);
  }

  // In the code of the executable itself, not in a library's.
  static bool InProgram(std::uintptr_t place);

  // What is a point stays as it is.
  void Freeze(bool frozen) { frozen_ = frozen; }
  bool Frozen() const { return frozen_; }

  // Whether MakePoint has added one since the last call.
  bool TakeGrown() { return std::exchange(grown_, false); }

  // In order of addresses.
  std::vector<std::uintptr_t> Points() const;

 private:
  static constexpr std::size_t kSlots = 2048;
  static constexpr std::uintptr_t kNone = 0, kSeveral = 1;  // neither is a place
  bool IsPointSlow(std::uintptr_t place);
  void Add(std::uintptr_t place);

  std::uintptr_t slots_[kSlots] = {};  // the point of these last bits; kSeveral: `known_` tells
  std::unordered_map<std::uintptr_t, bool> known_;
  std::function<bool(std::uintptr_t)> decide_;
  bool grown_ = false;
  bool frozen_ = false;
};

extern Places places;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_PLACES_H_
