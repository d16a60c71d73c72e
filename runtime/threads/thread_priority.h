// runtime/threads/thread_priority.h
//
// How urgent a thread is. Linux shares the processors among ordinary threads; a thread with a
// priority (1 to 99, in the class SCHED_FIFO) goes before all of them, and before those with a
// lower one, for as long as it wants to run:
//
//   std::thread brake([] {
//     SetThreadPriority(80);
//     ...
//   });
//
// A thread that never waits then keeps everybody of a lower priority off its processor, so the
// system asks for a privilege: root, CAP_SYS_NICE, or a limit that was raised (`ulimit -r`).
//
// Threads: both functions are about the calling thread and may be called from any.

#ifndef RUNTIME_THREADS_THREAD_PRIORITY_H_
#define RUNTIME_THREADS_THREAD_PRIORITY_H_

namespace interleave {

// Gives the calling thread a priority from 1 to 99; 0 makes it an ordinary one. False: the system
// refuses, and nothing has changed.
// Throws: std::invalid_argument if it is out of range.
bool SetThreadPriority(int priority);

// The calling thread's; 0 if it is an ordinary one.
int ThreadPriority();

}  // namespace interleave

#endif  // RUNTIME_THREADS_THREAD_PRIORITY_H_
