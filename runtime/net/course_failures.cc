// runtime/net/course_failures.cc

#include "runtime/net/course_failures.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>

#include "runtime/async/async_event.h"
#include "runtime/net/course_files.h"
#include "runtime/net/numbers.h"
#include "runtime/net/web_answers.h"

namespace interleave {
namespace {

// Promises kBrokenSize bytes, sends fewer, and then does something else.
class BrokenBody : public BodyStream {
 public:
  BrokenBody(std::uint64_t bytes, BodyPiece then) : left_(bytes), then_(then) {}

  std::optional<std::uint64_t> size() const override { return kBrokenSize; }

  BodyPiece Next(char* to, std::size_t room) override {
    if (left_ == 0) return then_;
    const std::size_t count = std::min<std::uint64_t>(room, left_);
    std::memset(to, '.', count);
    left_ -= count;
    return BodyPiece::Bytes(count);
  }

 private:
  std::uint64_t left_;
  const BodyPiece then_;
};

WebAnswer BreakOff(std::uint64_t after, BodyPiece then) {
  return {.stream = std::make_unique<BrokenBody>(after, then)};
}

}  // namespace

WebAnswer NoJsonAnswer() {
  return HtmlAnswer("<!doctype html><title>500</title><p>Internal Server Error\n", 500);
}

Task<WebAnswer> Disappoint(std::string how, WebRequest request) {
  const auto after = ParseNumber<std::uint64_t>(
      request.target.Query("after").value_or(std::to_string(kBrokenSize / 2)));
  if (!after || *after >= kBrokenSize) {
    co_return Refuse(400, "after= is a number of bytes below " + std::to_string(kBrokenSize));
  }
  if (how == "reset") co_return BreakOff(*after, BodyPiece::Reset());
  if (how == "short") co_return BreakOff(*after, BodyPiece::BreakOff());
  if (how == "stall") co_return BreakOff(*after, BodyPiece::WaitForEver());
  if (how == "silent") {
    AsyncEvent never;
    co_await never.Wait();
  }
  if (how == "json") co_return NoJsonAnswer();
  if (how == "drip") co_return WebAnswer{.stream = std::make_unique<CourseFile>("drip", 10, 1)};
  if (how == "loop") {
    const auto round = ParseNumber<std::uint64_t>(request.target.Query("round").value_or("0"));
    co_return Redirect("/broken/loop?round=" + std::to_string(round.value_or(0) + 1));
  }
  co_return Refuse(404, "nothing is broken like that; / lists what is");
}

}  // namespace interleave
