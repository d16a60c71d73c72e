// runtime/engine/child_process.h
//
// A forked child that is waited for, but not for ever.
#ifndef INTERLEAVE_RUNTIME_ENGINE_CHILD_PROCESS_H_
#define INTERLEAVE_RUNTIME_ENGINE_CHILD_PROCESS_H_

#include <sched.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>

namespace interleave::engine {

struct ChildEnd {
  bool killed_by_us = false;  // it was not over in time
  int signal = 0;             // that killed it
  int status = 0;             // with which it exited

  // "exit status 3", "killed by SIGTERM", "not over after 10 s".
  std::string Text(std::chrono::nanoseconds limit) const;
};

// While it exists this process stays on one processor, for some hundred children at a time. A child
// that begins on another one finds nothing of its parent's memory in the caches there: with this
// 1.6 times as many children could be had.
class OneProcessor {
 public:
  OneProcessor();
  ~OneProcessor();
  void Stay();   // before each fork
  void Leave();  // in the child, whose program may ask how many processors there are

 private:
  cpu_set_t all_;
  int runs_ = 0;
};

// Forks; the child runs `work` and exits with status 0 past all exit handlers. The child dies with
// its parent. Throws std::system_error if there can be no more processes.
pid_t ForkChild(const std::function<void()>& work);

// Waits for it, and kills it after `limit` of the real clock. `also` is a descriptor that somebody
// reads meanwhile: whenever there is something to read, or nothing will come any more, `read` is
// called; it returns false at the end.
ChildEnd WaitForChild(pid_t child, std::chrono::nanoseconds limit, int also = -1,
                      const std::function<bool()>& read = {});

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_CHILD_PROCESS_H_
