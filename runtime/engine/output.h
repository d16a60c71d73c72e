// runtime/engine/output.h
//
// What the threads of one run have written to stdout and stderr, in order.
#ifndef INTERLEAVE_RUNTIME_ENGINE_OUTPUT_H_
#define INTERLEAVE_RUNTIME_ENGINE_OUTPUT_H_

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

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_OUTPUT_H_
