// runtime/lab/timeline.h
//
// A run drawn along the clock, as text for a terminal and as an SVG picture:
//
//                0s    1s    2s    3s
//    MainThread  ~~~~~~~~~~~~~~~~~~|         # runs   ~ waits   . ready, not running   | ends
//    TWO         ~~~~~~~~~~~~|
//    THREE       ~~~~~~~~~~~~~~~~~~|
//
// A thread's tasks stand below it, set in by a space.
// A run that takes no virtual time is drawn along its steps (lanes.h).
#ifndef INTERLEAVE_RUNTIME_LAB_TIMELINE_H_
#define INTERLEAVE_RUNTIME_LAB_TIMELINE_H_

#include <string>

#include "runtime/lab/lanes.h"

namespace interleave::lab {

std::string TimelineText(const Lanes& lanes);

// A whole SVG document. `title` stands above the lanes.
std::string TimelineSvg(const Lanes& lanes, const std::string& title);

// As the text has it: '#', '~' or '.'.
char Letter(Activity activity);

// Where the axis gets its marks: every 1, 2 or 5 times a power of ten, at most ten of them.
struct Axis {
  double tick = 1;  // the distance of two marks, in nanoseconds or steps
  int ticks = 1;    // marks that the run is long, rounded up
  std::string Label(int mark, bool in_steps) const;  // "3s", "0.2s", "5ms", "40"
};
Axis MakeAxis(double length, bool in_steps);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_TIMELINE_H_
