// runtime/lab/svg.h
//
// The few shapes that the lab's pictures (timeline.h, sequence.h) are made of. All measures are
// pixels.
#ifndef INTERLEAVE_RUNTIME_LAB_SVG_H_
#define INTERLEAVE_RUNTIME_LAB_SVG_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "runtime/lab/lanes.h"

namespace interleave::lab {

constexpr int kSvgCharacter = 8;  // the width of one, of the 13-pixel monospaced font

// Told apart with any colour vision (Okabe and Ito, 2008), and on paper by their lightness.
const char* SvgColour(Activity activity);

// x="1" y="2" for pairs of a name and a whole number.
std::string SvgAttributes(std::initializer_list<std::pair<const char*, long>> attributes);

// The beginning of a document; it ends with "</svg>\n".
std::string SvgBegin(long width, long height);

std::string SvgText(long x, long y, const std::string& words);
std::string SvgLine(long x1, long y1, long x2, long y2, const char* colour);
// `hint` is shown where the pointer rests.
std::string SvgBox(long x, long y, long width, long height, const char* colour,
                   const std::string& hint);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_SVG_H_
