// The boundary for stdio: everything that it writes to stdout and stderr is one step a call and is
// held back nowhere. Beside each function are its other forms: those without a lock
// (putc_unlocked; g++'s streams use them) and those that _FORTIFY_SOURCE puts in its place
// (__printf_chk), which get a flag that says how much to check.

// glibc's own inline forms would be second definitions of these, for clang.
#ifndef __NO_INLINE__
#define __NO_INLINE__ 1
#endif

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>

#include "runtime/engine/boundary.h"
#include "runtime/engine/output.h"

namespace interleave::engine {
namespace {

INTERLEAVE_REAL(vdprintf);
INTERLEAVE_REAL(fwrite);
INTERLEAVE_REAL(fwrite_unlocked);
INTERLEAVE_REAL(fputs);
INTERLEAVE_REAL(fputs_unlocked);
INTERLEAVE_REAL(puts);
INTERLEAVE_REAL(fputc);
INTERLEAVE_REAL(fputc_unlocked);
INTERLEAVE_REAL(vfprintf);
INTERLEAVE_REAL(fflush);
INTERLEAVE_REAL(fflush_unlocked);
constinit Real<int(std::FILE*, int)> real_overflow{"__overflow"};
constinit Real<int(std::FILE*, int, const char*, va_list)> real_vfprintf_chk{"__vfprintf_chk"};
constinit Real<int(int, int, const char*, va_list)> real_vdprintf_chk{"__vdprintf_chk"};

// 0: not ours.
int Ours(std::FILE* file) { return !Inside() ? 0 : file == stdout ? 1 : file == stderr ? 2 : 0; }

bool Ours(int fd) { return Inside() && (fd == 1 || fd == 2); }

int PutByte(int fd, int character, std::uintptr_t place) {
  char byte = static_cast<char>(character);
  Emit(fd, {&byte, 1}, place);
  return static_cast<unsigned char>(byte);
}

int Format(std::FILE* file, const char* format, va_list list, std::uintptr_t place) {
  int fd = Ours(file);
  return fd == 0 ? real_vfprintf(file, format, list) : EmitFormatted(fd, format, list, place);
}

int FormatChecked(std::FILE* file, int flag, const char* format, va_list list,
                  std::uintptr_t place) {
  int fd = Ours(file);
  return fd == 0 ? real_vfprintf_chk(file, flag, format, list)
                 : EmitFormatted(fd, format, list, place);
}

}  // namespace

// A stream without room in its buffer calls __overflow for each byte. libc makes room again when it
// flushes.
void HoldNothingBack() {
  for (std::FILE* file : {stdout, stderr}) {
    std::fflush(file);
    file->_IO_write_end = file->_IO_write_ptr;
  }
}

}  // namespace interleave::engine

using namespace interleave::engine;

// ---- What is text already ----

#define INTERLEAVE_FWRITE(name)                                                                    \
  INTERLEAVE_BOUNDARY size_t name(const void* bytes, size_t size, size_t count, std::FILE* file) { \
    int fd = Ours(file);                                                                           \
    if (fd == 0) return real_##name(bytes, size, count, file);                                     \
    Emit(fd, {static_cast<const char*>(bytes), size * count}, INTERLEAVE_PLACE);                   \
    return count;                                                                                  \
  }
INTERLEAVE_FWRITE(fwrite)
INTERLEAVE_FWRITE(fwrite_unlocked)

#define INTERLEAVE_FPUTS(name)                                      \
  INTERLEAVE_BOUNDARY int name(const char* text, std::FILE* file) { \
    int fd = Ours(file);                                            \
    if (fd == 0) return real_##name(text, file);                    \
    Emit(fd, text, INTERLEAVE_PLACE);                               \
    return 1;                                                       \
  }
INTERLEAVE_FPUTS(fputs)
INTERLEAVE_FPUTS(fputs_unlocked)

INTERLEAVE_BOUNDARY int puts(const char* text) {
  if (!Inside()) return real_puts(text);
  std::string line;
  {
    EngineScope scope;
    line = text;
    line += '\n';
  }
  Emit(1, line, INTERLEAVE_PLACE);
  EngineScope scope;
  line = std::string();
  return 1;
}

// Macros in some headers.
#undef putc
#undef putchar
#undef fputc_unlocked
#undef putc_unlocked
#undef putchar_unlocked

#define INTERLEAVE_FPUTC(name, real)                                                   \
  INTERLEAVE_BOUNDARY int name(int character, std::FILE* file) {                       \
    int fd = Ours(file);                                                               \
    return fd == 0 ? real(character, file) : PutByte(fd, character, INTERLEAVE_PLACE); \
  }
INTERLEAVE_FPUTC(fputc, real_fputc)
INTERLEAVE_FPUTC(putc, real_fputc)
INTERLEAVE_FPUTC(fputc_unlocked, real_fputc_unlocked)
INTERLEAVE_FPUTC(putc_unlocked, real_fputc_unlocked)

#define INTERLEAVE_PUTCHAR(name, real)                                                   \
  INTERLEAVE_BOUNDARY int name(int character) {                                          \
    return Inside() ? PutByte(1, character, INTERLEAVE_PLACE) : real(character, stdout); \
  }
INTERLEAVE_PUTCHAR(putchar, real_fputc)
INTERLEAVE_PUTCHAR(putchar_unlocked, real_fputc_unlocked)

// From inline forms of these, which look into the buffer first.
INTERLEAVE_BOUNDARY int __overflow(std::FILE* file, int character) {
  int fd = Ours(file);
  if (fd == 0) return real_overflow(file, character);
  return character == EOF ? 0 : PutByte(fd, character, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int fflush(std::FILE* file) {
  if (Ours(file) != 0) return 0;  // nothing is held back
  return real_fflush(file);
}

INTERLEAVE_BOUNDARY int fflush_unlocked(std::FILE* file) {
  if (Ours(file) != 0) return 0;
  return real_fflush_unlocked(file);
}

// ---- printf ----

INTERLEAVE_BOUNDARY int vfprintf(std::FILE* file, const char* format, va_list list) {
  return Format(file, format, list, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int vprintf(const char* format, va_list list) {
  return Format(stdout, format, list, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int vdprintf(int fd, const char* format, va_list list) {
  if (!Ours(fd)) return real_vdprintf(fd, format, list);
  return EmitFormatted(fd, format, list, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int __vfprintf_chk(std::FILE* file, int flag, const char* format,
                                       va_list list) {
  return FormatChecked(file, flag, format, list, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int __vprintf_chk(int flag, const char* format, va_list list) {
  return FormatChecked(stdout, flag, format, list, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int __vdprintf_chk(int fd, int flag, const char* format, va_list list) {
  if (!Ours(fd)) return real_vdprintf_chk(fd, flag, format, list);
  return EmitFormatted(fd, format, list, INTERLEAVE_PLACE);
}

// `format` is the last parameter before the arguments; `call` makes use of them as `list`.
#define INTERLEAVE_WITH_ARGUMENTS(call) \
  va_list list;                         \
  va_start(list, format);               \
  int length = call;                    \
  va_end(list);                         \
  return length

INTERLEAVE_BOUNDARY int printf(const char* format, ...) {
  INTERLEAVE_WITH_ARGUMENTS(Format(stdout, format, list, INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int fprintf(std::FILE* file, const char* format, ...) {
  INTERLEAVE_WITH_ARGUMENTS(Format(file, format, list, INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int dprintf(int fd, const char* format, ...) {
  INTERLEAVE_WITH_ARGUMENTS(Ours(fd) ? EmitFormatted(fd, format, list, INTERLEAVE_PLACE)
                                     : real_vdprintf(fd, format, list));
}

INTERLEAVE_BOUNDARY int __printf_chk(int flag, const char* format, ...) {
  INTERLEAVE_WITH_ARGUMENTS(FormatChecked(stdout, flag, format, list, INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int __fprintf_chk(std::FILE* file, int flag, const char* format, ...) {
  INTERLEAVE_WITH_ARGUMENTS(FormatChecked(file, flag, format, list, INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int __dprintf_chk(int fd, int flag, const char* format, ...) {
  INTERLEAVE_WITH_ARGUMENTS(Ours(fd) ? EmitFormatted(fd, format, list, INTERLEAVE_PLACE)
                                     : real_vdprintf_chk(fd, flag, format, list));
}
