// runtime/process/message_channel.h
//
// How a pool and a worker talk: over a pair of sockets that keep messages apart (SOCK_SEQPACKET),
// so one message is one call of send and one of receive, whole or not at all.
//
//   header: what, number, size | body, up to 128 KB
//                              | or: a descriptor of memory that holds it (memfd)
//
// A large body is put into memory that the other side maps; the socket would cut it into pieces,
// and each side would wait for the other to take some. Descriptors of the sender's may go along.
//
// Threads: one may send while another receives; two that send need a lock.

#ifndef INTERLEAVE_RUNTIME_PROCESS_MESSAGE_CHANNEL_H_
#define INTERLEAVE_RUNTIME_PROCESS_MESSAGE_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/net/descriptor.h"
#include "runtime/process/shared_memory.h"

namespace interleave {

enum class MessageKind : std::uint32_t {
  kJob = 1,  // to a worker: the job's name and arguments
  kGoOn,     // to a worker: what it said was heard
  kValue,    // from a worker: the job's result
  kError,    // from a worker: the exception that the job threw
  kSays,     // from a worker, in the midst of a job: words for the parent's hook (process_hooks.h)
};

struct Message {
  MessageKind kind;
  std::uint64_t number;   // of the job
  std::string_view body;  // good until the next Receive of this channel
  std::vector<Descriptor> descriptors;
};

class MessageChannel {
 public:
  enum class Sent { kYes, kNoRoom, kNobodyThere };
  enum class Received { kMessage, kNothing, kEnd, kMalformed };

  // Two ends that are connected. Throws: std::system_error.
  static std::pair<Descriptor, Descriptor> Pair();

  explicit MessageChannel(Descriptor socket);

  // kNoRoom only without `wait`: the other side has not yet taken what was sent before.
  // Throws: std::system_error if there is no memory for a large body.
  Sent Send(MessageKind kind, std::uint64_t number, std::string_view body,
            const std::vector<Descriptor>& descriptors, bool wait);

  // kNothing only without `wait`. kEnd: the other side is closed, or its process has ended.
  // kMalformed: something came that is no whole message.
  Received Receive(Message& message, bool wait);

  // The other side will come to the end; what it sends can still be received.
  void EndSending();

  int fd() const { return socket_.get(); }

 private:
  Descriptor socket_;
  std::string buffer_;  // of Receive
  SharedMemory large_;  // the body of the last message received, if it was large
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_MESSAGE_CHANNEL_H_
