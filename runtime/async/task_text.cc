// runtime/async/task_text.cc
//
// Tasks and coroutines in words.

#include <stdexcept>
#include <string>
#include <string_view>

#include "runtime/async/event_loop.h"
#include "runtime/async/task.h"
#include "runtime/async/task_core.h"

namespace interleave {
namespace {

std::string_view BaseName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

// Where the bracket is opened that is closed before `end`.
std::size_t OpeningBracket(std::string_view text, std::size_t end, char open, char close) {
  int depth = 0;
  for (std::size_t at = end; at-- > 0;) {
    if (text[at] == close) ++depth;
    if (text[at] == open && --depth == 0) return at;
  }
  return 0;
}

// "Lookup" of "Task<int> book::{anonymous}::Lookup(std::string) [with T = int]". A lambda is named
// after the function that it stands in: "main()::<lambda(int)>" with g++,
// "auto main()::(anonymous class)::operator()(int) const" with clang.
std::string ShortName(std::string_view function) {
  function = function.substr(0, function.find(" ["));
  for (const std::string_view mark : {"::<lambda", "::(anonymous class)::operator()"}) {
    if (const std::size_t lambda = function.rfind(mark); lambda != std::string_view::npos) {
      return "lambda in " + ShortName(function.substr(0, lambda));
    }
  }
  if (const std::size_t end = function.rfind(')'); end != std::string_view::npos) {
    function = function.substr(0, OpeningBracket(function, end + 1, '(', ')'));
  }
  if (function.ends_with('>')) {  // the arguments of a template
    function = function.substr(0, OpeningBracket(function, function.size(), '<', '>'));
  }
  const std::size_t before = function.find_last_of(" :");
  return std::string(function.substr(before == std::string_view::npos ? 0 : before + 1));
}

std::string AtLine(const std::source_location& where, unsigned line) {
  return std::string(BaseName(where.file_name())) + ":" + std::to_string(line);
}

std::string PlaceOf(const std::source_location& where, unsigned line) {
  return ShortName(where.function_name()) + " (" + AtLine(where, line == 0 ? where.line() : line) +
         ")";
}

}  // namespace

std::string PromiseBase::FunctionName() const { return ShortName(where_.function_name()); }

std::string PromiseBase::Place(unsigned line) const { return PlaceOf(where_, line); }

void PromiseBase::RefuseCall(PromiseBase& callee) {
  const std::uint32_t depth = caller_ != nullptr ? caller_->depth() + 1 : 1;
  std::string chain = callee.FunctionName();
  callee.handle().destroy();
  constexpr int kShown = 4;
  const PromiseBase* frame = this;
  for (int i = 0; i < kShown && frame != nullptr; ++i, frame = frame->caller()) {
    chain = frame->FunctionName() + " awaits " + chain;
  }
  if (frame != nullptr) chain = "... " + chain;
  throw std::runtime_error("awaits are nested " + std::to_string(depth) +
                           " deep, one more than the limit: " + chain);
}

void ReportNeverAwaited(const PromiseBase& promise) noexcept {
  const std::string text = "coroutine '" + promise.FunctionName() + "' was never awaited (" +
                           AtLine(promise.where(), promise.where().line()) + ")";
  if (EventLoop* loop = EventLoop::Running(); loop != nullptr) {
    loop->CallExceptionHandler({text, nullptr, ""});
  } else {
    EventLoop::Report(text);
  }
}

std::string TaskCore::Place() const {
  if (done()) return PlaceOf(first_, 0);
  if (leaf_ == nullptr) return "";
  Suspension* at = leaf_->waits_for();
  return leaf_->Place(at != nullptr ? at->line() : 0);
}

std::string TaskCore::Text() const {
  const char* state = cancelled()             ? "cancelled"
                      : done()                ? "finished"
                      : cancel_requests_ != 0 ? "cancelling"
                                              : "pending";
  std::string text = std::string("<Task ") + state + " name='" + Name() + "'";
  if (done()) {
    text += " coro=<" + ShortName(first_.function_name()) + "() done, defined at " +
            AtLine(first_, first_.line()) + ">";
    if (cancelled()) return text + ">";
    if (const std::exception_ptr failure = error(); failure != nullptr) {
      return text + " exception='" + TextOf(failure) + "'>";
    }
    const std::string result = ResultText();
    return text + (result.empty() ? "" : " result=" + result) + ">";
  }
  if (leaf_ != nullptr) {
    const std::vector<PromiseBase*> frames = Frames();
    const PromiseBase& first = *frames.front();
    Suspension* at = leaf_->waits_for();
    const unsigned line = frames.size() > 1 ? first.line() : at != nullptr ? at->line() : 0;
    text += " coro=<" + first.FunctionName() + "() running at " +
            AtLine(first.where(), line == 0 ? first.where().line() : line) + ">";
    if (at != nullptr) text += " wait_for=<" + at->Describe() + ">";
  }
  return text + ">";
}

}  // namespace interleave
