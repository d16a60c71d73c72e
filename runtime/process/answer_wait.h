// runtime/process/answer_wait.h
//
// How it works: waiting for a worker's answer. A thread of the pool does so all the time; one that
// is in Get can do so in its place, and then no other thread is woken for that answer.
//
//   the pool's thread ──> epoll ──┬──> the worker's socket
//                                 └──> the end of its process
//   a thread in Get ──────────────┴──> both, while the epoll has nothing of the socket
//
// What that buys: without it the pool's thread completes the future, which wakes the one in Get. So
// a job wakes three threads, where sockets alone wake two, and on cores that sleep a wake is most
// of a tiny job's time. One job at a time on two quiet cores, process_bench reaches 0.37 to 0.52 of
// the rate of sockets alone that way, and 0.58 to 0.85 this way.
//
// Why an epoll: the kernel wakes everybody who sleeps at a socket, so the pool's thread must not be
// there meanwhile. To ask it to go away, and to come back, would be to wake it; but what an epoll
// listens to can be changed by others, while it sleeps.
//
// Threads: one in Await, one that stands in.

#ifndef INTERLEAVE_RUNTIME_PROCESS_ANSWER_WAIT_H_
#define INTERLEAVE_RUNTIME_PROCESS_ANSWER_WAIT_H_

#include "runtime/net/descriptor.h"
#include "runtime/threads/future_state.h"

namespace interleave {

class AnswerWait {
 public:
  // `end` can be read when the process has ended. Throws: std::system_error.
  AnswerWait(int socket, int end);

  // Returns when the socket can be read, unless somebody stands in, or the process has ended: then
  // true, as the socket may be kept open by a child of the worker's own. May also return for
  // nothing.
  bool Await() const;

  // As long as this is there, Await looks at the process's end only. What has not been read when it
  // goes is for Await.
  class StandIn {
   public:
    explicit StandIn(AnswerWait& wait) : wait_(wait) { wait_.ListenToSocket(false); }
    StandIn(const StandIn&) = delete;
    StandIn& operator=(const StandIn&) = delete;
    ~StandIn() { wait_.ListenToSocket(true); }

    // True if the socket can be read; false if the time is over or the process has ended.
    bool Await(Deadline deadline) const;

   private:
    AnswerWait& wait_;
  };

 private:
  void ListenToSocket(bool listen);

  const int socket_;
  const int end_;
  const Descriptor epoll_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_ANSWER_WAIT_H_
