// runtime/lab/log.h
//
// How a lab's threads speak. Print writes a line as it is; Log puts the clock and the thread's
// name before it, in the format of the course's second article:
//
//   Log("Update Started");   ->   20:28:15:ThreadPoolExecutor-0_0:Update Started
//
// The time is UTC and comes from std::chrono::system_clock, so under the engine it is the virtual
// clock's: the log of a simulated run is the same bytes every time.
//
// Threads: from any thread; a line is one write(2) and arrives whole. In a simulation writing a
// line is a visible step, for its order is what a reader sees.
#ifndef INTERLEAVE_RUNTIME_LAB_LOG_H_
#define INTERLEAVE_RUNTIME_LAB_LOG_H_

#include <string>
#include <string_view>

namespace interleave {

// `line` and a newline on stdout.
void Print(std::string_view line);

// HH:MM:SS:ThreadName:message on stdout.
void Log(std::string_view message);

namespace lab {

// In a process whose parent prints for it (worker_processes.cc): Print and Log call these instead.
void SetPrintElsewhere(void (*print)(std::string_view line), void (*log)(std::string_view message));

// The system clock's time in UTC as strftime formats it.
std::string ClockText(const char* format);

// "MainThread", "Thread-1", or what the thread was named; in a simulation the engine's name of it.
std::string CurrentThreadName();

}  // namespace lab
}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_LAB_LOG_H_
