// runtime/engine/standing.h
//
// The threads that stand before one lock, in the order in which they came. When it becomes free
// each of them could go on, and once one has taken it none of the others can. Ten thousand threads
// before one mutex are therefore two operations on sets of bits per lock, and not twenty thousand
// on threads, which took four seconds of a run.
#ifndef INTERLEAVE_RUNTIME_ENGINE_STANDING_H_
#define INTERLEAVE_RUNTIME_ENGINE_STANDING_H_

#include <vector>

#include "runtime/engine/thread.h"
#include "runtime/engine/thread_set.h"

namespace interleave::engine {

class Standing {
 public:
  // `timed`: it does so only until a deadline.
  void Add(Thread& thread, bool timed);
  void Remove(Thread& thread);

  void MakeReady();
  void MakeWait();

  void Clear();

 private:
  std::vector<Thread*> in_order_;
  ThreadSet all_;
  bool some_timed_ = false;  // has been so in this run
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_STANDING_H_
