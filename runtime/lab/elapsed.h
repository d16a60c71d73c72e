// runtime/lab/elapsed.h
//
// Lines that stand behind the time since their scenario began:
//
//   StartTheClock();
//   ...
//   Say("page 3");     ->    1.25 s  page 3
//
// Threads: StartTheClock before there are others, Say from any thread; a line is one write(2).
#ifndef INTERLEAVE_RUNTIME_LAB_ELAPSED_H_
#define INTERLEAVE_RUNTIME_LAB_ELAPSED_H_

#include <string>

namespace interleave {

// Seconds are counted from now on, and shown with so many decimals.
void StartTheClock(int decimals = 2);

// The time, `what` and a newline on stdout.
void Say(const std::string& what);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_LAB_ELAPSED_H_
