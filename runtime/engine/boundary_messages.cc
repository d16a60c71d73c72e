// The boundary for the sentences that libc itself writes to stderr: perror, and the messages of
// err.h and error.h, some of which end the program afterwards. Inside libc they go straight to its
// own stream and its own exit.
#include <err.h>
#include <errno.h>
#include <error.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "runtime/engine/boundary.h"
#include "runtime/engine/output.h"

namespace interleave::engine {
namespace {

INTERLEAVE_REAL(perror);
INTERLEAVE_REAL(vwarn);
INTERLEAVE_REAL(vwarnx);
INTERLEAVE_REAL(verr);
INTERLEAVE_REAL(verrx);

// "name: text: what the error number says", each as far as it is there.
void Say(const char* name, const char* format, va_list list, std::optional<int> error,
         std::uintptr_t place) {
  const int before = errno;
  std::string line;
  {
    EngineScope scope;
    line = std::string(name) + ": ";
  }
  if (format != nullptr) AppendFormatted(line, format, list);
  {
    EngineScope scope;
    if (error) line += (format != nullptr ? ": " : "") + std::string(std::strerror(*error));
    line += '\n';
  }
  Emit(2, line, place);
  errno = before;
  EngineScope scope;
  line = std::string();
}

}  // namespace
}  // namespace interleave::engine

using namespace interleave::engine;

INTERLEAVE_BOUNDARY void perror(const char* prefix) {
  if (!Inside()) return real_perror(prefix);
  const int error = errno;
  std::string line;
  {
    EngineScope scope;
    if (prefix != nullptr && *prefix != '\0') line = std::string(prefix) + ": ";
    line += std::string(std::strerror(error)) + "\n";
  }
  Emit(2, line, INTERLEAVE_PLACE);
  errno = error;
  EngineScope scope;
  line = std::string();
}

INTERLEAVE_BOUNDARY void vwarn(const char* format, va_list list) {
  if (!Inside()) return real_vwarn(format, list);
  Say(program_invocation_short_name, format, list, errno, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY void vwarnx(const char* format, va_list list) {
  if (!Inside()) return real_vwarnx(format, list);
  Say(program_invocation_short_name, format, list, std::nullopt, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY void verr(int status, const char* format, va_list list) {
  if (!Inside()) real_verr(status, format, list);
  Say(program_invocation_short_name, format, list, errno, INTERLEAVE_PLACE);
  std::exit(status);
}

INTERLEAVE_BOUNDARY void verrx(int status, const char* format, va_list list) {
  if (!Inside()) real_verrx(status, format, list);
  Say(program_invocation_short_name, format, list, std::nullopt, INTERLEAVE_PLACE);
  std::exit(status);
}

INTERLEAVE_BOUNDARY void warn(const char* format, ...) {
  va_list list;
  va_start(list, format);
  if (Inside()) {
    Say(program_invocation_short_name, format, list, errno, INTERLEAVE_PLACE);
  } else {
    real_vwarn(format, list);
  }
  va_end(list);
}

INTERLEAVE_BOUNDARY void warnx(const char* format, ...) {
  va_list list;
  va_start(list, format);
  if (Inside()) {
    Say(program_invocation_short_name, format, list, std::nullopt, INTERLEAVE_PLACE);
  } else {
    real_vwarnx(format, list);
  }
  va_end(list);
}

INTERLEAVE_BOUNDARY void err(int status, const char* format, ...) {
  va_list list;
  va_start(list, format);
  if (!Inside()) real_verr(status, format, list);
  Say(program_invocation_short_name, format, list, errno, INTERLEAVE_PLACE);
  std::exit(status);
}

INTERLEAVE_BOUNDARY void errx(int status, const char* format, ...) {
  va_list list;
  va_start(list, format);
  if (!Inside()) real_verrx(status, format, list);
  Say(program_invocation_short_name, format, list, std::nullopt, INTERLEAVE_PLACE);
  std::exit(status);
}

// glibc has no form of it that takes a va_list, so outside of a simulation it is done here as well.
INTERLEAVE_BOUNDARY void error(int status, int number, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const std::optional<int> error = number != 0 ? std::optional(number) : std::nullopt;
  if (Inside()) {
    Say(program_invocation_name, format, list, error, INTERLEAVE_PLACE);
  } else {
    std::fflush(stdout);
    std::fprintf(stderr, "%s: ", program_invocation_name);
    std::vfprintf(stderr, format, list);
    if (error) std::fprintf(stderr, ": %s", std::strerror(*error));
    std::fputc('\n', stderr);
    std::fflush(stderr);
  }
  va_end(list);
  if (status != 0) std::exit(status);
}
