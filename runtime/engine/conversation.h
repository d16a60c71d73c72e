// runtime/engine/conversation.h
//
// What a run and its strategy said to each other. A forked child asks its own copy of the strategy;
// whatever that copy learns (where depth-first search stands, which orders were seen) is lost with
// the child. So the child writes the conversation down, and the parent holds it again with its own
// copy, which so reaches the same state. A strategy therefore needs to know nothing of processes.
//
// A strategy may look at the scheduler as well (what each thread is about to do, how many steps it
// has made) and at the step trace. That is written down too, as far as it has changed since the
// last question, and the parent's scheduler and step trace show it while the conversation is held
// again.
#ifndef INTERLEAVE_RUNTIME_ENGINE_CONVERSATION_H_
#define INTERLEAVE_RUNTIME_ENGINE_CONVERSATION_H_

#include <cstdint>
#include <vector>

#include "runtime/engine/scheduler.h"
#include "runtime/engine/strategy.h"
#include "runtime/engine/tape.h"

namespace interleave::engine {

// In the child: asks the real strategy and writes down each question with its answer.
class RecordingStrategy : public Strategy {
 public:
  RecordingStrategy(Strategy& real, Tape& tape) : real_(real), tape_(tape) {}

  bool Begin() override { return real_.Begin(); }
  std::uint32_t Choose(const Choice& choice) override;
  bool WantsSteps() const override { return real_.WantsSteps(); }

  // Afterwards the tape is somebody else's.
  void Close();

 private:
  void PutThreads();
  void PutSteps();

  Strategy& real_;
  Tape& tape_;
  std::vector<ThreadGlance> last_;  // as the parent knows the threads
  std::size_t told_ = 0;            // how many of the step trace's events
};

// In the parent: asks `strategy` what the child was asked, from where the tape stands to where the
// conversation ends or breaks off. The answers are the run's path. Throws std::logic_error if the
// strategy answers otherwise: then it depends on something that it may not depend on. True if the
// conversation was ended.
bool HoldAgain(Tape& tape, Strategy& strategy, std::vector<std::uint32_t>& path);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_CONVERSATION_H_
