// runtime/engine/child_processes.h
//
// The child processes that a simulation has started. They run for real, in real time, and are no
// part of it: while one of them lives and somebody waits for it, or for a descriptor that it may
// write to, the clock stands still. Except for those that only do something when they are asked to
// (LetClockRun): whoever asks such a one waits for its answer.
#ifndef INTERLEAVE_RUNTIME_ENGINE_CHILD_PROCESSES_H_
#define INTERLEAVE_RUNTIME_ENGINE_CHILD_PROCESSES_H_

#include <poll.h>
#include <sys/types.h>

#include <vector>

namespace interleave::engine {

class ChildProcesses {
 public:
  void BeginRun() { children_.clear(); }
  void EndRun();  // what still runs is killed, and nothing is left behind

  void Started(pid_t pid);
  void Reaped(pid_t pid);

  // One that has not ended, and holds the clock.
  bool AnyAlive() const;

  void LetClockRun(pid_t pid);

  // SIGKILL was sent to `pid`: returns when it has ended, if it is one of them. It would end at
  // some instant of real time, and each run would find it at another of its own.
  void AwaitEndOfKilled(pid_t pid) const;

  // Descriptors that are ready when a child that waitpid(pid) means has ended; none: there is no
  // such child, or the kernel can't do that.
  std::vector<pollfd> EndsOf(pid_t pid) const;

 private:
  struct Child {  // that was not waited for yet
    pid_t pid;
    int end;  // readable when it has ended
    bool lets_clock_run = false;
  };
  std::vector<Child> children_;
};

extern ChildProcesses child_processes;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_CHILD_PROCESSES_H_
