// What instrumented code calls in place of memcpy and its like (memory_calls.h): the same
// functions, with their accesses to memory watched. A copy is one read of all of it and then one
// write, as an assignment of an int is; that another thread sees half of a copy is not among the
// schedules.
//
// Functions that end where the data say so (strlen, memchr) read up to there.
#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

#include "runtime/engine/hooks.h"
#include "runtime/engine/inside.h"
#include "runtime/engine/places.h"
#include "runtime/engine/scheduler.h"

extern "C" [[noreturn]] void __chk_fail();

namespace interleave::engine {
namespace {

// `length` says how much is read, and is asked again when it is the thread's turn.
template <typename Length>
void WatchReadUpTo(const void* begin, Length length, std::uintptr_t place) {
  const std::size_t before = length();
  WatchRead(begin, before, place);
  const std::size_t now = length();
  if (now > before) WatchRead(static_cast<const char*>(begin) + before, now - before, place);
}

void WatchString(const char* text, std::uintptr_t place) {
  WatchReadUpTo(
      text, [=] { return std::strlen(text) + 1; }, place);
}

std::size_t LengthUpTo(const char* text, std::size_t most) { return strnlen(text, most); }

// With the character that ends it, as far as that is within `most`.
std::size_t SizeUpTo(const char* text, std::size_t most) {
  return std::min(LengthUpTo(text, most) + 1, most);
}

// How much of the two has to be read to tell them apart.
std::size_t SizeToCompare(const void* a, const void* b, std::size_t size) {
  const auto* one = static_cast<const unsigned char*>(a);
  const auto* two = static_cast<const unsigned char*>(b);
  std::size_t same = 0;
  while (same < size && one[same] == two[same]) ++same;
  return std::min(same + 1, size);
}

std::size_t SizeToCompareText(const char* a, const char* b, std::size_t most) {
  std::size_t same = 0;
  while (same < most && a[same] == b[same] && a[same] != '\0') ++same;
  return std::min(same + 1, most);
}

// What a copy writes is what it has read: if others may run in between, that is kept meanwhile.
void* WriteCopy(void* to, const void* from, std::size_t size, std::uintptr_t place) {
  if (scheduler.Alone() || !places.IsPoint(place)) {
    WatchWrite(to, size, place);
    return std::memmove(to, from, size);
  }
  std::unique_ptr<char[]> kept;
  {
    EngineScope scope;
    kept.reset(new char[size]);
  }
  std::memcpy(kept.get(), from, size);
  WatchWrite(to, size, place);
  std::memcpy(to, kept.get(), size);
  EngineScope scope;
  kept.reset();
  return to;
}

void* Copy(void* to, const void* from, std::size_t size, std::uintptr_t place) {
  if (!Inside()) return std::memmove(to, from, size);
  WatchRead(from, size, ReadOfCopy(place));
  return WriteCopy(to, from, size, place);
}

void* Fill(void* to, int byte, std::size_t size, std::uintptr_t place) {
  WatchWrite(to, size, place);
  return std::memset(to, byte, size);
}

char* CopyText(char* to, const char* from, std::uintptr_t place) {
  if (!Inside()) return std::strcpy(to, from);
  WatchString(from, ReadOfCopy(place));
  return static_cast<char*>(WriteCopy(to, from, std::strlen(from) + 1, place));
}

char* CopyText(char* to, const char* from, std::size_t size, std::uintptr_t place) {
  if (!Inside()) return std::strncpy(to, from, size);
  WatchReadUpTo(
      from, [=] { return SizeUpTo(from, size); }, ReadOfCopy(place));
  const std::size_t length = LengthUpTo(from, size);
  WriteCopy(to, from, length, place);
  if (length < size) Fill(to + length, 0, size - length, place);
  return to;
}

char* AppendText(char* to, const char* from, std::size_t most, std::uintptr_t place) {
  if (!Inside()) return std::strncat(to, from, most);
  WatchString(to, ReadOfCopy(place));
  char* end = to + std::strlen(to);
  WatchReadUpTo(
      from, [=] { return SizeUpTo(from, most); }, ReadOfCopy(place));
  const std::size_t length = LengthUpTo(from, most);
  WriteCopy(end, from, length, place);
  Fill(end + length, 0, 1, place);
  return to;
}

int Format(char* to, std::size_t size, const char* format, va_list list, std::uintptr_t place) {
  if (Inside()) {
    va_list again;
    va_copy(again, list);
    int length = std::vsnprintf(nullptr, 0, format, again);
    va_end(again);
    if (length >= 0) {
      WatchWrite(to, std::min(static_cast<std::size_t>(length) + 1, size), place);
    }
  }
  return std::vsnprintf(to, size, format, list);
}

constexpr std::size_t kNoLimit = SIZE_MAX;

// sprintf's buffer ends nowhere; vsnprintf wants no more than that.
constexpr std::size_t kAnySize = INT32_MAX;

void Fits(std::size_t size, std::size_t room) {
  if (size > room) __chk_fail();
}

}  // namespace
}  // namespace interleave::engine

using namespace interleave::engine;

#define INTERLEAVE_WITH_ARGUMENTS(call) \
  va_list list;                         \
  va_start(list, format);               \
  int length = call;                    \
  va_end(list);                         \
  return length

// ---- Copies: a read and a write ----

INTERLEAVE_COPYING_HOOK void* __interleave_memcpy(void* to, const void* from, std::size_t size) {
  return Copy(to, from, size, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK void* __interleave_memmove(void* to, const void* from, std::size_t size) {
  return Copy(to, from, size, INTERLEAVE_PLACE);
}

// clang calls these of its own accord.
INTERLEAVE_COPYING_HOOK void* __tsan_memcpy(void* to, const void* from, std::size_t size) {
  return Copy(to, from, size, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK void* __tsan_memmove(void* to, const void* from, std::size_t size) {
  return Copy(to, from, size, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK void* __interleave_memcpy_chk(void* to, const void* from, std::size_t size,
                                                      std::size_t room) {
  Fits(size, room);
  return Copy(to, from, size, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK void* __interleave_memmove_chk(void* to, const void* from, std::size_t size,
                                                       std::size_t room) {
  Fits(size, room);
  return Copy(to, from, size, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK char* __interleave_strcpy(char* to, const char* from) {
  return CopyText(to, from, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK char* __interleave_strcpy_chk(char* to, const char* from,
                                                      std::size_t room) {
  Fits(std::strlen(from) + 1, room);
  return CopyText(to, from, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK char* __interleave_strncpy(char* to, const char* from, std::size_t size) {
  return CopyText(to, from, size, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK char* __interleave_strncpy_chk(char* to, const char* from, std::size_t size,
                                                       std::size_t room) {
  Fits(size, room);
  return CopyText(to, from, size, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK char* __interleave_strcat(char* to, const char* from) {
  return AppendText(to, from, kNoLimit, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK char* __interleave_strcat_chk(char* to, const char* from,
                                                      std::size_t room) {
  Fits(std::strlen(to) + std::strlen(from) + 1, room);
  return AppendText(to, from, kNoLimit, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK char* __interleave_strncat(char* to, const char* from, std::size_t most) {
  return AppendText(to, from, most, INTERLEAVE_PLACE);
}

INTERLEAVE_COPYING_HOOK char* __interleave_strncat_chk(char* to, const char* from, std::size_t most,
                                                       std::size_t room) {
  Fits(std::strlen(to) + LengthUpTo(from, most) + 1, room);
  return AppendText(to, from, most, INTERLEAVE_PLACE);
}

// ---- Writes ----

INTERLEAVE_HOOK void* __interleave_memset(void* to, int byte, std::size_t size) {
  return Fill(to, byte, size, INTERLEAVE_PLACE);
}

INTERLEAVE_HOOK void* __tsan_memset(void* to, int byte, std::size_t size) {
  return Fill(to, byte, size, INTERLEAVE_PLACE);
}

INTERLEAVE_HOOK void* __interleave_memset_chk(void* to, int byte, std::size_t size,
                                              std::size_t room) {
  Fits(size, room);
  return Fill(to, byte, size, INTERLEAVE_PLACE);
}

INTERLEAVE_HOOK int __interleave_vsprintf(char* to, const char* format, va_list list) {
  return Format(to, kAnySize, format, list, INTERLEAVE_PLACE);
}

INTERLEAVE_HOOK int __interleave_vsnprintf(char* to, std::size_t size, const char* format,
                                           va_list list) {
  return Format(to, size, format, list, INTERLEAVE_PLACE);
}

INTERLEAVE_HOOK int __interleave_sprintf(char* to, const char* format, ...) {
  INTERLEAVE_WITH_ARGUMENTS(Format(to, kAnySize, format, list, INTERLEAVE_PLACE));
}

INTERLEAVE_HOOK int __interleave_snprintf(char* to, std::size_t size, const char* format, ...) {
  INTERLEAVE_WITH_ARGUMENTS(Format(to, size, format, list, INTERLEAVE_PLACE));
}

// What sprintf writes is checked when it is known: the buffer is as long as `room` says.
#define INTERLEAVE_SPRINTF_CHECKED()                                    \
  Format(to, std::min(room, kAnySize), format, list, INTERLEAVE_PLACE); \
  if (length >= 0) Fits(static_cast<std::size_t>(length) + 1, room)

INTERLEAVE_HOOK int __interleave_vsprintf_chk(char* to, int, std::size_t room, const char* format,
                                              va_list list) {
  int length = INTERLEAVE_SPRINTF_CHECKED();
  return length;
}

INTERLEAVE_HOOK int __interleave_sprintf_chk(char* to, int, std::size_t room, const char* format,
                                             ...) {
  INTERLEAVE_WITH_ARGUMENTS(INTERLEAVE_SPRINTF_CHECKED());
}

INTERLEAVE_HOOK int __interleave_vsnprintf_chk(char* to, std::size_t size, int, std::size_t room,
                                               const char* format, va_list list) {
  Fits(size, room);
  return Format(to, size, format, list, INTERLEAVE_PLACE);
}

INTERLEAVE_HOOK int __interleave_snprintf_chk(char* to, std::size_t size, int, std::size_t room,
                                              const char* format, ...) {
  Fits(size, room);
  INTERLEAVE_WITH_ARGUMENTS(Format(to, size, format, list, INTERLEAVE_PLACE));
}

// ---- Reads ----

INTERLEAVE_HOOK int __interleave_memcmp(const void* a, const void* b, std::size_t size) {
  if (Inside()) {
    const auto length = [=] { return SizeToCompare(a, b, size); };
    WatchReadUpTo(a, length, INTERLEAVE_PLACE);
    WatchReadUpTo(b, length, INTERLEAVE_PLACE);
  }
  return std::memcmp(a, b, size);
}

INTERLEAVE_HOOK int __interleave_strcmp(const char* a, const char* b) {
  if (Inside()) {
    const auto length = [=] { return SizeToCompareText(a, b, kNoLimit); };
    WatchReadUpTo(a, length, INTERLEAVE_PLACE);
    WatchReadUpTo(b, length, INTERLEAVE_PLACE);
  }
  return std::strcmp(a, b);
}

INTERLEAVE_HOOK int __interleave_strncmp(const char* a, const char* b, std::size_t most) {
  if (Inside()) {
    const auto length = [=] { return SizeToCompareText(a, b, most); };
    WatchReadUpTo(a, length, INTERLEAVE_PLACE);
    WatchReadUpTo(b, length, INTERLEAVE_PLACE);
  }
  return std::strncmp(a, b, most);
}

INTERLEAVE_HOOK std::size_t __interleave_strlen(const char* text) {
  if (Inside()) WatchString(text, INTERLEAVE_PLACE);
  return std::strlen(text);
}

INTERLEAVE_HOOK const void* __interleave_memchr(const void* begin, int byte, std::size_t size) {
  if (Inside()) {
    const auto length = [=] {
      const void* found = std::memchr(begin, byte, size);
      return found == nullptr ? size
                              : static_cast<std::size_t>(static_cast<const char*>(found) -
                                                         static_cast<const char*>(begin)) +
                                    1;
    };
    WatchReadUpTo(begin, length, INTERLEAVE_PLACE);
  }
  return std::memchr(begin, byte, size);
}

INTERLEAVE_HOOK const char* __interleave_strchr(const char* text, int character) {
  if (Inside()) {
    const auto length = [=] {
      const char* found = std::strchr(text, character);
      return found == nullptr ? std::strlen(text) + 1 : static_cast<std::size_t>(found - text) + 1;
    };
    WatchReadUpTo(text, length, INTERLEAVE_PLACE);
  }
  return std::strchr(text, character);
}

INTERLEAVE_HOOK const char* __interleave_strrchr(const char* text, int character) {
  if (Inside()) WatchString(text, INTERLEAVE_PLACE);
  return std::strrchr(text, character);
}
