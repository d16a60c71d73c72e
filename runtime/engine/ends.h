// runtime/engine/ends.h
//
// While one exists, what would end the process ends the run instead: an uncaught exception, abort,
// exit, a fault. The outcome names the thread and the cause.
#ifndef INTERLEAVE_RUNTIME_ENGINE_ENDS_H_
#define INTERLEAVE_RUNTIME_ENGINE_ENDS_H_

#include <signal.h>

#include <exception>

namespace interleave::engine {

class CatchEnds {
 public:
  CatchEnds();
  ~CatchEnds();
  CatchEnds(const CatchEnds&) = delete;
  CatchEnds& operator=(const CatchEnds&) = delete;

 private:
  static constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  struct sigaction before_[5];
  stack_t stack_before_;
  std::terminate_handler terminate_before_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_ENDS_H_
