// tests/async/timed_words.h
//
// The default shape of a test in a simulation: everybody adds words, each with its time, and the
// whole text is compared.

#ifndef INTERLEAVE_TESTS_ASYNC_TIMED_WORDS_H_
#define INTERLEAVE_TESTS_ASYNC_TIMED_WORDS_H_

#include <chrono>
#include <sstream>
#include <string>

#include "runtime/engine/explore.h"

namespace interleave {

// What `body` returns in a simulation; why it did not if it did not.
inline std::string OutcomeOf(const Body& body) {
  const RunReport report = Simulate(body);
  return report.ending == Ending::kReturned ? report.outcome : report.explanation;
}

// "b@2.5 ": what happens when, in milliseconds since it was made.
class TimedWords {
 public:
  void Add(const std::string& word) {
    const auto now = std::chrono::steady_clock::now() - start_;
    text_ << word << "@" << std::chrono::duration<double, std::milli>(now).count() << " ";
  }
  std::string text() const { return text_.str(); }

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::ostringstream text_;
};

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_ASYNC_TIMED_WORDS_H_
