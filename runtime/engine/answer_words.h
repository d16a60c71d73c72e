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

  // `of_a_step`: they are about the step that was recorded last, what it reads or whom it wakes,
  // not about what comes after it.
  void Say(std::vector<std::string> words, bool of_a_step = true) {
    words_ = std::move(words);
    of_a_step_ = of_a_step;
  }
  std::vector<std::string> Take() { return std::exchange(words_, {}); }
  bool OfAStep() const { return of_a_step_; }

 private:
  std::vector<std::string> words_;
  bool of_a_step_ = false;
};

extern AnswerWords answer_words;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_ANSWER_WORDS_H_
