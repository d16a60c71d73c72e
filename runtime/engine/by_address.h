// runtime/engine/by_address.h
//
// What the engine knows of an object of the program (a mutex, a condition variable) is kept beside
// it, by address: the program's own bytes are never touched, so a run that was given up leaves no
// lock taken behind. Forgetting everything between two runs is one increment.
#ifndef INTERLEAVE_RUNTIME_ENGINE_BY_ADDRESS_H_
#define INTERLEAVE_RUNTIME_ENGINE_BY_ADDRESS_H_

#include <cstdint>
#include <memory>
#include <vector>

namespace interleave::engine {

// `T` has Reset(), called when an address is seen for the first time in a run. References stay
// valid until Clear.
template <typename T>
class ByAddress {
 public:
  void Clear() {
    ++run_;
    used_ = 0;
  }

  T& Of(const void* address) {
    if (T* known = Find(address)) return *known;
    if (2 * (used_ + 1) > slots_.size()) Grow();
    if (used_ == objects_.size()) objects_.push_back(std::make_unique<T>());
    T* object = objects_[used_++].get();
    object->Reset();
    Insert({address, run_, object});
    return *object;
  }

  T* Find(const void* address) const {
    for (std::size_t i = Hash(address);; ++i) {
      const Slot& slot = slots_[i & (slots_.size() - 1)];
      if (slot.run != run_) return nullptr;
      if (slot.address == address) return slot.object;
    }
  }

  // In order of first use, which is the same in every replay; an order of addresses is not.
  template <typename F>
  void ForEach(F f) const {
    for (std::size_t i = 0; i < used_; ++i) f(*objects_[i]);
  }

 private:
  struct Slot {
    const void* address = nullptr;
    std::uint64_t run = 0;  // the run that filled it; of an older one: empty
    T* object = nullptr;
  };

  std::size_t Hash(const void* address) const {
    return (reinterpret_cast<std::uintptr_t>(address) >> 3) * 0x9e3779b97f4a7c15 >> 40;
  }

  void Insert(const Slot& slot) {
    std::size_t i = Hash(slot.address);
    while (slots_[i & (slots_.size() - 1)].run == run_) ++i;
    slots_[i & (slots_.size() - 1)] = slot;
  }

  void Grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.run == run_) Insert(slot);
    }
  }

  std::uint64_t run_ = 1;
  std::size_t used_ = 0;
  std::vector<Slot> slots_ = std::vector<Slot>(64);
  std::vector<std::unique_ptr<T>> objects_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_BY_ADDRESS_H_
