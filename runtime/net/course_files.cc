// runtime/net/course_files.cc

#include "runtime/net/course_files.h"

#include <algorithm>
#include <cstring>

#include "runtime/net/scatter.h"

namespace interleave {
namespace {

constexpr std::uint64_t kPartsPerSecond = 10;
constexpr std::uint64_t kNanoseconds = 1'000'000'000;

}  // namespace

// Eight bytes at a time: the mixed number of their place in the file.
void FillCourseFile(std::string_view name, std::uint64_t offset, std::span<char> to) {
  const std::uint64_t seed = Scatter(name);
  while (!to.empty()) {
    const std::uint64_t word = Scatter(seed + offset / 8);
    const std::size_t skip = offset % 8;
    const std::size_t count = std::min<std::size_t>(8 - skip, to.size());
    std::memcpy(to.data(), reinterpret_cast<const char*>(&word) + skip, count);
    offset += count;
    to = to.subspan(count);
  }
}

BodyPiece CourseFile::Next(char* to, std::size_t room) {
  if (sent_ == size_) return BodyPiece::End();
  if (sent_ == allowed_) return WaitForMore();
  const std::size_t count = std::min<std::uint64_t>(room, allowed_ - sent_);
  FillCourseFile(name_, sent_, {to, count});
  sent_ += count;
  return BodyPiece::Bytes(count);
}

// After n parts rate * n / 10 bytes have been allowed. At a low rate there are parts without any.
BodyPiece CourseFile::WaitForMore() {
  const std::uint64_t parts =
      (sent_ + 1) * kPartsPerSecond / rate_ + ((sent_ + 1) * kPartsPerSecond % rate_ != 0 ? 1 : 0);
  const std::chrono::nanoseconds end(size_ * kNanoseconds / rate_);  // kLargestFile: fits
  std::chrono::nanoseconds then(parts * (kNanoseconds / kPartsPerSecond));
  allowed_ = rate_ * parts / kPartsPerSecond;
  if (allowed_ >= size_) {
    allowed_ = size_;
    then = end;
  }
  const std::chrono::nanoseconds wait = then - waited_;
  waited_ = then;
  return BodyPiece::Wait(wait);
}

}  // namespace interleave
