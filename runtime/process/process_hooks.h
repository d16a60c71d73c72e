// runtime/process/process_hooks.h
//
// For whoever looks after all worker processes of a program, as a simulation does: there the clock
// is to stand still while a worker works, and a job says itself what it costs. Nothing is set
// unless somebody sets it, and then workers simply work.
//
//   worker:  Compute(3s) --> TellParent("3s") ..........waits..........> goes on
//   parent:                        heard("3s") lets 3 s pass, returns
//
// Threads: set before main, or while there are no pools.

#ifndef INTERLEAVE_RUNTIME_PROCESS_PROCESS_HOOKS_H_
#define INTERLEAVE_RUNTIME_PROCESS_PROCESS_HOOKS_H_

#include <sys/types.h>

#include <string_view>

namespace interleave {

struct ProcessHooks {
  // Whether the others are to be called; they are only with this.
  bool (*active)() = nullptr;
  // In the parent. A worker process has been started; from now on it does something only when it
  // was sent something, and `await` is called then.
  void (*started)(pid_t pid) = nullptr;
  // In the parent. Returns when the descriptor `answer` or `end` can be read: the worker has said
  // something, or has ended. `limit_ms` as for poll.
  void (*await)(int answer, int end, int limit_ms) = nullptr;
  // In the parent, on the thread that is named as the worker: it says something in the midst of a
  // job, and goes on when this returns. When the worker has ended, `end` can be read.
  void (*heard)(std::string_view words, int end) = nullptr;
  // In a worker whose parent has `heard` set, before its first job.
  void (*in_worker)() = nullptr;
};

void SetProcessHooks(const ProcessHooks& hooks);
// Empty ones if they are not active.
const ProcessHooks& process_hooks();

// In a job: gives `words` to the parent's hook and returns when that has. Does nothing elsewhere.
void TellParent(std::string_view words);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_PROCESS_HOOKS_H_
