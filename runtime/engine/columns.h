// runtime/engine/columns.h
//
// Text in columns, for a terminal: padded, cut where it is too long, numbers grouped. ASCII.
#ifndef INTERLEAVE_RUNTIME_ENGINE_COLUMNS_H_
#define INTERLEAVE_RUNTIME_ENGINE_COLUMNS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace interleave {

std::string Pad(std::string text, std::size_t width);      // spaces behind it
std::string PadLeft(std::string text, std::size_t width);  // spaces before it

std::string WithoutTrailingSpaces(std::string line);

// No longer than `width`: of a sentence the beginning, of a name both ends, for names that differ
// in a number have it there: "ThreadPoo..0_1".
std::string Cut(std::string text, std::size_t width);
std::string CutName(std::string name, std::size_t width);

// `text` broken at spaces so that no line is longer than `width` (a longer word stays whole, so
// that a command can be copied). The first line begins with `first`, the others with as many
// spaces. Ends with a newline.
std::string Wrap(std::string_view first, std::string_view text, std::size_t width);

std::string Grouped(std::int64_t number);                           // "1,234,567"
std::string Counted(std::int64_t number, const std::string& noun);  // "1 run", "2,000 runs"

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ENGINE_COLUMNS_H_
