// runtime/engine/descriptors.h
//
// Descriptors are real: a pipe is the kernel's pipe, a connection goes over the loopback device, so
// the bytes are what they would be. What the engine adds is who may go on and when, and for that it
// has to know what is behind a number.
//
// A *channel* is what lies between descriptors: a pipe and a connection have two ends, an eventfd,
// a listening socket and an epoll set have one. To the scheduler it is the object of a step, so
// that a write to one end and a read from the other depend on each other; and it carries what the
// writers knew to the readers, as a mutex does.
//
// Every run begins without channels and closes at its end what it has opened, so that numbers are
// the same in each run and a million runs that end in a deadlock don't use up the system's.
#ifndef INTERLEAVE_RUNTIME_ENGINE_DESCRIPTORS_H_
#define INTERLEAVE_RUNTIME_ENGINE_DESCRIPTORS_H_

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/engine/thread.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

struct Channel {
  enum class Kind {
    kPipe,
    kPair,      // of a socketpair
    kSocket,    // not connected, or a connection
    kListener,  //
    kEvents,    // eventfd
    kTimer,     // timerfd
    kSignals,   // signalfd
    kPoller,    // epoll
    kOther,     // a terminal ...
  };

  Kind kind = Kind::kOther;
  int number = 0;                        // of its kind, from 1
  bool stream = false;                   // bytes without bounds between messages
  bool tcp = false;                      // delivery takes its time, if only a little
  bool outside = false;                  // the other end is with somebody else
  bool shared = false;                   // child processes have it, too
  int open[2] = {0, 0};                  // descriptors of each end
  int fd[2] = {-1, -1};                  // one of them
  bool closed[2] = {false, false};       // that end was there, and is no more
  bool closed_full[2] = {false, false};  // and it left bytes behind that the other had no room for
  VectorClock clock[2];                  // by end: what those knew who wrote there
  std::string address[2];                // of a socket's end, as its bytes
  std::vector<Channel*> arrivals;        // connections that a listener has not accepted yet

  void Reset(Kind new_kind, int new_number);
};

struct Descriptor {
  Channel* channel = nullptr;  // null: nothing to wait for (a file), or not looked at yet
  int end = 0;
  bool owned = false;  // opened by this run
  dev_t device = 0;    // which open file it was then
  ino_t inode = 0;
};

class Descriptors {
 public:
  // Whether all that is there is read, and all that has room is written, is a choice of data. Off,
  // it always is.
  bool partial_io = false;

  void BeginRun();
  void EndRun();  // closes what the run has opened

  Channel& NewChannel(Channel::Kind kind);

  // This run has opened `fd`.
  void Add(int fd, Channel& channel, int end);
  void AddFile(int fd);          // one that nobody waits for
  void AddCopy(int fd, int of);  // dup
  void BecomesListener(Channel& channel);
  void Forget(int fd);  // it is closed

  // What is behind `fd`; null if nobody ever waits for it: a file, or no descriptor at all.
  Descriptor* Find(int fd);

  // A child process is about to get a copy of everything.
  void ShareWithChild();

  const std::vector<std::unique_ptr<Channel>>& Channels() const { return channels_; }
  std::size_t ChannelCount() const { return count_; }

  // "descriptor 5 (pipe 1)"
  std::string Name(int fd) const;
  // "pipe 1"; empty if `object` is no channel.
  std::string NameOfObject(const void* object) const;

 private:
  Descriptor& At(int fd);
  int NumberOfNext(Channel::Kind kind) const;
  Descriptor* Look(int fd, Descriptor& descriptor);

  std::vector<Descriptor> descriptors_;
  std::vector<std::unique_ptr<Channel>> channels_;  // the first count_ are this run's
  std::size_t count_ = 0;
};

extern Descriptors descriptors;

// What the thread knows is in what it sends; what it receives it knows.
void SendKnowledge(const Descriptor& to, Thread& thread);
void ReceiveKnowledge(const Descriptor& from, Thread& thread);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_DESCRIPTORS_H_
