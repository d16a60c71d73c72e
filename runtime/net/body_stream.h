// runtime/net/body_stream.h
//
// The body of an answer that is too large for memory, or takes its time: it is asked for the next
// piece whenever the client has room for one.
//
//   class Zeros : public BodyStream {
//     std::optional<std::uint64_t> size() const override { return 1'000'000'000; }
//     BodyPiece Next(char* to, std::size_t room) override {
//       const std::size_t n = std::min<std::uint64_t>(room, *size() - sent_);
//       if (n == 0) return BodyPiece::End();
//       std::memset(to, 0, n);
//       sent_ += n;
//       return BodyPiece::Bytes(n);
//     }
//     std::uint64_t sent_ = 0;
//   };
//
// Threads: the loop's own. It is destroyed when the answer is sent, or the client has gone.

#ifndef INTERLEAVE_RUNTIME_NET_BODY_STREAM_H_
#define INTERLEAVE_RUNTIME_NET_BODY_STREAM_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace interleave {

struct BodyPiece {
  enum Kind {
    kBytes,     // so many stand in the buffer
    kWait,      // none yet; ask again after `wait`
    kEnd,       // that was all
    kBreakOff,  // there should be more, and will not be: the connection is closed
    kReset,     // the same, as a machine that crashed would do it: by a reset
  };
  Kind kind = kEnd;
  std::size_t bytes = 0;
  std::chrono::nanoseconds wait{0};

  static BodyPiece Bytes(std::size_t count) { return {kBytes, count}; }
  static BodyPiece Wait(std::chrono::nanoseconds wait) { return {kWait, 0, wait}; }
  static BodyPiece WaitForEver() { return Wait(std::chrono::nanoseconds::max()); }
  static BodyPiece End() { return {kEnd}; }
  static BodyPiece BreakOff() { return {kBreakOff}; }
  static BodyPiece Reset() { return {kReset}; }
};

class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // What Content-Length says; without it the body is sent in chunks.
  virtual std::optional<std::uint64_t> size() const = 0;
  // At most `room` bytes, room > 0.
  virtual BodyPiece Next(char* to, std::size_t room) = 0;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_BODY_STREAM_H_
