// runtime/engine/output.h
//
// What the threads of one run have written to stdout and stderr, in order.
#ifndef INTERLEAVE_RUNTIME_ENGINE_OUTPUT_H_
#define INTERLEAVE_RUNTIME_ENGINE_OUTPUT_H_

#include <cstdarg>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace interleave::engine {

class Output {
 public:
  struct Piece {
    int fd;
    std::string text;
  };

  // Off, it is only counted as a step: a census of a million runs has no use for the text.
  bool keep = false;

  void Clear() { pieces_.clear(); }
  void Add(int fd, std::string_view text) {
    if (keep) pieces_.push_back({fd, std::string(text)});
  }
  const std::vector<Piece>& Pieces() const { return pieces_; }

 private:
  std::vector<Piece> pieces_;
};

extern Output output;

// Before a series of runs: whatever is put into a buffer of stdio's by inline functions
// (putc_unlocked) comes to the boundary at the first byte.
void HoldNothingBack();

// From a simulated thread: the step of writing `text`, called for at `place`.
void Emit(int fd, std::string_view text, std::uintptr_t place);

// The same for printf's formats; returns what printf returns.
int EmitFormatted(int fd, const char* format, va_list list, std::uintptr_t place);

// Puts the text at the end of `text`, and writes nothing.
int AppendFormatted(std::string& text, const char* format, va_list list);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_OUTPUT_H_
