// The boundary for output. What a simulated thread writes to stdout or stderr is a visible step,
// for its order is what a reader sees; the bytes are collected, and whoever started the run decides
// what becomes of them. One call is one step: a line written in one piece stays in one piece.
//
// Here is what all of it comes to, and write itself; boundary_stdio.cc has stdio, and
// boundary_messages.cc what libc writes to stderr by itself.
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "runtime/engine/boundary.h"
#include "runtime/engine/output.h"
#include "runtime/engine/recorder.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/transfers.h"

namespace interleave::engine {

Output output;

namespace {

INTERLEAVE_REAL(write);
INTERLEAVE_REAL(writev);

}  // namespace

void Emit(int fd, std::string_view text, std::uintptr_t place) {
  EngineScope scope;
  if (recorder.on) recorder.Writes(scheduler.Current(), text);
  scheduler.Visible(StepKind::kOutput, nullptr, place);
  if (recorder.on) recorder.Wrote(scheduler.Current());
  output.Add(fd, text);
}

int EmitFormatted(int fd, const char* format, va_list list, std::uintptr_t place) {
  std::string text;
  int length = AppendFormatted(text, format, list);
  if (length >= 0) Emit(fd, text, place);
  return length;
}

// The program's own code may be called for a format (register_printf_function), so it is no time
// of the engine's; the memory is.
int AppendFormatted(std::string& text, const char* format, va_list list) {
  va_list again;
  va_copy(again, list);
  int length = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length < 0) return length;
  const std::size_t before = text.size();
  {
    EngineScope scope;
    text.resize(before + static_cast<std::size_t>(length) + 1);
  }
  std::vsnprintf(text.data() + before, static_cast<std::size_t>(length) + 1, format, list);
  text.pop_back();
  return length;
}

}  // namespace interleave::engine

using namespace interleave::engine;

INTERLEAVE_BOUNDARY ssize_t write(int fd, const void* bytes, size_t size) {
  if (!Inside()) return real_write(fd, bytes, size);
  if (fd != 1 && fd != 2) return WriteDescriptor(fd, bytes, size, INTERLEAVE_PLACE);
  Emit(fd, {static_cast<const char*>(bytes), size}, INTERLEAVE_PLACE);
  return static_cast<ssize_t>(size);
}

INTERLEAVE_BOUNDARY ssize_t writev(int fd, const iovec* pieces, int count) {
  if (!Inside()) return real_writev(fd, pieces, count);
  if (fd != 1 && fd != 2) return WriteDescriptor(fd, pieces, count, INTERLEAVE_PLACE);
  std::string text;
  {
    EngineScope scope;
    for (int i = 0; i < count; ++i) {
      text.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    }
  }
  Emit(fd, text, INTERLEAVE_PLACE);
  return static_cast<ssize_t>(text.size());
}
