// runtime/engine/connections.h
//
// Which two sockets are the ends of one connection. The one that connects takes part from the
// moment of its connect, the other when it is accepted: then both belong to one channel.
#ifndef INTERLEAVE_RUNTIME_ENGINE_CONNECTIONS_H_
#define INTERLEAVE_RUNTIME_ENGINE_CONNECTIONS_H_

#include <sys/socket.h>

#include "runtime/engine/descriptors.h"

namespace interleave::engine {

class Connections {
 public:
  // After listen.
  void Listens(int fd, Channel& channel);

  // Who listens at `address`; null: nobody in this run.
  Channel* ListenerAt(const sockaddr* address, socklen_t size) const;

  // After connect; null: to somebody outside.
  void Connected(int fd, Channel& channel, Channel* listener);

  // After accept: says which channel the new descriptor belongs to.
  void Accepted(int fd, Channel& listener);
};

extern Connections connections;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_CONNECTIONS_H_
