// runtime/engine/answer_words.h
//
// What the answers to a choice of data mean, for whoever asks a person. Said right before the
// choice, one entry for each answer, and only while somebody listens: a census of a million runs
// has no use for it.
#ifndef INTERLEAVE_RUNTIME_ENGINE_ANSWER_WORDS_H_
#define INTERLEAVE_RUNTIME_ENGINE_ANSWER_WORDS_H_

#include <string>
#include <utility>
#include <vector>

namespace interleave::engine {

class AnswerWords {
 public:
  bool on = false;

  void Say(std::vector<std::string> words) { words_ = std::move(words); }
  std::vector<std::string> Take() { return std::exchange(words_, {}); }

  // Whether the step that was recorded last is what they are about: what it reads, whom it wakes.
  // Who chooses between two steps says no.
  bool of_a_step = true;

 private:
  std::vector<std::string> words_;
};

extern AnswerWords answer_words;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_ANSWER_WORDS_H_
