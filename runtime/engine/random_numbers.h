// runtime/engine/random_numbers.h
#ifndef INTERLEAVE_RUNTIME_ENGINE_RANDOM_NUMBERS_H_
#define INTERLEAVE_RUNTIME_ENGINE_RANDOM_NUMBERS_H_

#include <cstdint>

namespace interleave::engine {

// The same numbers from the same seed on every machine. SplitMix64 (Steele, Lea, Flood 2014): one
// word of state, any seed is good.
class RandomNumbers {
 public:
  // Between the seeds of two neighbouring streams.
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;

  RandomNumbers() = default;

  // The `stream`-th sequence of this seed.
  RandomNumbers(std::uint64_t seed, std::int64_t stream)
      : state_(seed + static_cast<std::uint64_t>(stream) * kStep) {}

  std::uint64_t Next() {
    std::uint64_t z = (state_ += kStep);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // 0 <= it < limit.
  std::uint32_t Below(std::uint32_t limit) {
    return static_cast<std::uint32_t>((Next() >> 32) * limit >> 32);
  }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_RANDOM_NUMBERS_H_
