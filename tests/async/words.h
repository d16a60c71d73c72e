// tests/async/words.h
//
// The default shape of a test of the loop: everybody appends words to a list, and the whole list is
// compared.

#ifndef INTERLEAVE_TESTS_ASYNC_WORDS_H_
#define INTERLEAVE_TESTS_ASYNC_WORDS_H_

#include <functional>
#include <string>
#include <vector>

#include "runtime/async/event_loop.h"

namespace interleave {

using Words = std::vector<std::string>;

// Collects what the loop's exception handler is told, instead of writing it to stderr.
inline void CollectErrors(EventLoop& loop, Words& errors) {
  loop.SetExceptionHandler(
      [&errors](EventLoop&, const LoopError& error) { errors.push_back(error.Text()); });
}

// Runs what is ready, and what it makes ready, for `iterations` turns of the loop.
inline void RunBriefly(EventLoop& loop, int iterations = 1) {
  for (int i = 0; i < iterations; ++i) {
    loop.Stop();
    loop.RunForever();
  }
}

// What the Error that action throws says; empty if it throws none.
template <typename Error>
std::string MessageOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_ASYNC_WORDS_H_
