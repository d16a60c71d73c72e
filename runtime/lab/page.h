// runtime/lab/page.h
//
// What a lab prints is a page: 100 columns, sentences wrapped at words, numbers with thousands
// separated, the same bytes on every machine. A terminal gets a little colour on top; a file, a
// pipe and a golden never do (https://no-color.org is respected).
//
// Threads: functions of their arguments only, except UseColour().
#ifndef INTERLEAVE_RUNTIME_LAB_PAGE_H_
#define INTERLEAVE_RUNTIME_LAB_PAGE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/engine/columns.h"

namespace interleave::lab {

constexpr std::size_t kPageWidth = 100;
constexpr std::size_t kLongestWord = 400;  // a longer one is not printed whole

// `text` broken at spaces so that no line is longer than the page (a longer word stays whole, so
// that a command can be copied). The first line begins with `first`, the others with as many
// spaces. Ends with a newline.
std::string Wrap(std::string_view first, std::string_view text);

// `text` as one line, whatever a person gave us: control characters are shown as '?', and of a word
// that nobody would read or copy the middle is left out.
std::string OneLine(std::string_view text);

// Every line of `text` behind two spaces. Ends with a newline unless empty.
std::string Indent(std::string_view text);

// Columns of text, from where the engine's reports have them, too.
using interleave::Grouped;
using interleave::Pad;
using interleave::PadLeft;
using interleave::WithoutTrailingSpaces;

// "2 s", "0.002 s": exact to the microsecond, without trailing zeros.
std::string Seconds(std::chrono::nanoseconds duration);

// A bar of `share` (0 to 1) of the widest, at least one '#'.
std::string Bar(double share);
constexpr std::size_t kBarWidth = 24;

// Called once by a lab's main: colour if stdout is a terminal that can show it (TERM is neither
// dumb nor unset) and NO_COLOR is unset.
void UseColour(bool on);
bool TerminalWantsColour(int fd);

std::string Bold(const std::string& text);   // headings
std::string Alarm(const std::string& text);  // the step that does the damage

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_PAGE_H_
