// runtime/lab/standard_output.h
//
// A line that a thread prints must arrive whole. printf and std::cout do not promise it: their
// buffers are flushed where they are full, and two threads' lines run into each other. So a line
// here is ONE write(2); the kernel appends it in one piece to a file, a terminal or (up to 4096
// bytes) a pipe.
//
// When nobody reads any more:
//   - a closed pipe (`lab | head -1`) ends the program at once and quietly, with status 141, as
//     the shell reports any program that SIGPIPE stopped (128 + 13);
//   - a descriptor that was closed before the start (`lab >&-`) counts as /dev/null: the lab runs
//     to its end, and its exit status says how it went;
//   - any other failure (a full disk) is one line on stderr and status 1; on stderr it is ignored.
//
// Threads: all functions may be called from any thread, simulated or real.
#ifndef INTERLEAVE_RUNTIME_LAB_STANDARD_OUTPUT_H_
#define INTERLEAVE_RUNTIME_LAB_STANDARD_OUTPUT_H_

#include <string_view>

namespace interleave::lab {

constexpr int kStdout = 1;
constexpr int kStderr = 2;
constexpr int kStatusOfClosedPipe = 141;

// Called once, first thing in main: opens /dev/null on closed descriptors 0 to 2 (else the next
// file opened would become stdout), and turns SIGPIPE into EPIPE.
void PrepareStandardDescriptors();

// Writes all of `text` to `fd`, in one write(2) unless the kernel takes it piecemeal.
void Write(int fd, std::string_view text);

// `line` and a newline, in one write(2).
void WriteLine(int fd, std::string_view line);

// While muted, Write to stdout writes nothing: a thousand runs want their tally only.
void MuteStdout(bool muted);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_STANDARD_OUTPUT_H_
