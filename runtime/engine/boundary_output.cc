// The boundary for output. What a simulated thread writes to stdout or stderr is a visible step,
// for its order is what a reader sees; the bytes are collected, and whoever started the run decides
// what becomes of them. One call is one step: a line written in one piece stays in one piece.
#include <sys/uio.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
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
INTERLEAVE_REAL(vdprintf);
INTERLEAVE_REAL(fwrite);
INTERLEAVE_REAL(fputs);
INTERLEAVE_REAL(puts);
INTERLEAVE_REAL(fputc);
INTERLEAVE_REAL(putc);
INTERLEAVE_REAL(putchar);
INTERLEAVE_REAL(vfprintf);
INTERLEAVE_REAL(fflush);

int StandardDescriptor(std::FILE* file) { return file == stdout ? 1 : file == stderr ? 2 : 0; }

// 0: not ours.
int Ours(std::FILE* file) { return Inside() ? StandardDescriptor(file) : 0; }

void Emit(int fd, std::string_view text, std::uintptr_t place) {
  EngineScope scope;
  scheduler.Visible(StepKind::kOutput, nullptr, place);
  if (recorder.on) recorder.Wrote(scheduler.Current(), text);
  output.Add(fd, text);
}

int EmitFormatted(int fd, const char* format, va_list list, std::uintptr_t place) {
  va_list again;
  va_copy(again, list);
  int length = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length < 0) return length;
  std::string text;
  {
    EngineScope scope;
    text.resize(static_cast<std::size_t>(length) + 1);
  }
  std::vsnprintf(text.data(), text.size(), format, list);
  Emit(fd, std::string_view(text.data(), text.size() - 1), place);
  return length;
}

}  // namespace
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

INTERLEAVE_BOUNDARY int vdprintf(int fd, const char* format, va_list list) {
  if (!Inside() || (fd != 1 && fd != 2)) return real_vdprintf(fd, format, list);
  return EmitFormatted(fd, format, list, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int dprintf(int fd, const char* format, ...) {
  va_list list;
  va_start(list, format);
  int length = vdprintf(fd, format, list);
  va_end(list);
  return length;
}

INTERLEAVE_BOUNDARY size_t fwrite(const void* bytes, size_t size, size_t count, std::FILE* file) {
  int fd = Ours(file);
  if (fd == 0) return real_fwrite(bytes, size, count, file);
  Emit(fd, {static_cast<const char*>(bytes), size * count}, INTERLEAVE_PLACE);
  return count;
}

INTERLEAVE_BOUNDARY int fputs(const char* text, std::FILE* file) {
  int fd = Ours(file);
  if (fd == 0) return real_fputs(text, file);
  Emit(fd, text, INTERLEAVE_PLACE);
  return 1;
}

INTERLEAVE_BOUNDARY int puts(const char* text) {
  if (!Inside()) return real_puts(text);
  char* line = nullptr;
  std::size_t length = std::strlen(text);
  {
    EngineScope scope;
    line = static_cast<char*>(std::malloc(length + 1));
  }
  std::memcpy(line, text, length);
  line[length] = '\n';
  Emit(1, {line, length + 1}, INTERLEAVE_PLACE);
  EngineScope scope;
  std::free(line);
  return 1;
}

INTERLEAVE_BOUNDARY int fputc(int character, std::FILE* file) {
  int fd = Ours(file);
  if (fd == 0) return real_fputc(character, file);
  char byte = static_cast<char>(character);
  Emit(fd, {&byte, 1}, INTERLEAVE_PLACE);
  return static_cast<unsigned char>(byte);
}

#undef putc
INTERLEAVE_BOUNDARY int putc(int character, std::FILE* file) {
  return Ours(file) == 0 ? real_putc(character, file) : fputc(character, file);
}

#undef putchar
INTERLEAVE_BOUNDARY int putchar(int character) {
  return Inside() ? fputc(character, stdout) : real_putchar(character);
}

INTERLEAVE_BOUNDARY int vfprintf(std::FILE* file, const char* format, va_list list) {
  int fd = Ours(file);
  if (fd == 0) return real_vfprintf(file, format, list);
  return EmitFormatted(fd, format, list, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int vprintf(const char* format, va_list list) {
  return vfprintf(stdout, format, list);
}

INTERLEAVE_BOUNDARY int fprintf(std::FILE* file, const char* format, ...) {
  va_list list;
  va_start(list, format);
  int length = vfprintf(file, format, list);
  va_end(list);
  return length;
}

INTERLEAVE_BOUNDARY int printf(const char* format, ...) {
  va_list list;
  va_start(list, format);
  int length = vfprintf(stdout, format, list);
  va_end(list);
  return length;
}

INTERLEAVE_BOUNDARY int fflush(std::FILE* file) {
  if (Ours(file) != 0) return 0;  // nothing is held back
  return real_fflush(file);
}
