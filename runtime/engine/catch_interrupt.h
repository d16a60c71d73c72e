// runtime/engine/catch_interrupt.h
//
// While one exists, Ctrl-C ends an exploration instead of the process, if that is wanted.
#ifndef INTERLEAVE_RUNTIME_ENGINE_CATCH_INTERRUPT_H_
#define INTERLEAVE_RUNTIME_ENGINE_CATCH_INTERRUPT_H_

#include <csignal>

namespace interleave::engine {

class CatchInterrupt {
 public:
  explicit CatchInterrupt(bool wanted) : wanted_(wanted) {
    came_ = 0;
    if (!wanted_) return;
    struct sigaction action = {};
    action.sa_handler = [](int) { came_ = 1; };
    sigaction(SIGINT, &action, &before_);
  }
  ~CatchInterrupt() {
    if (wanted_) sigaction(SIGINT, &before_, nullptr);
  }
  CatchInterrupt(const CatchInterrupt&) = delete;
  CatchInterrupt& operator=(const CatchInterrupt&) = delete;

  bool Came() const { return came_ != 0; }

 private:
  static inline volatile std::sig_atomic_t came_ = 0;
  const bool wanted_;
  struct sigaction before_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_CATCH_INTERRUPT_H_
