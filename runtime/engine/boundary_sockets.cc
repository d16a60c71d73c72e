// The boundary for sockets. They are the kernel's, also those that connect two simulated threads:
// the bytes go over the loopback device.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "runtime/engine/boundary.h"
#include "runtime/engine/connections.h"
#include "runtime/engine/deliveries.h"
#include "runtime/engine/descriptor_waits.h"
#include "runtime/engine/descriptors.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/transfers.h"

namespace interleave::engine {
namespace {

INTERLEAVE_REAL(socket);
INTERLEAVE_REAL(socketpair);
INTERLEAVE_REAL(listen);
INTERLEAVE_REAL(connect);
INTERLEAVE_REAL(accept4);
INTERLEAVE_REAL(shutdown);
INTERLEAVE_REAL(recv);
INTERLEAVE_REAL(recvfrom);
INTERLEAVE_REAL(recvmsg);
INTERLEAVE_REAL(send);
INTERLEAVE_REAL(sendto);
INTERLEAVE_REAL(sendmsg);
INTERLEAVE_REAL(getaddrinfo);

Channel& NewSocket(int domain, int type, Channel::Kind kind) {
  Channel& channel = descriptors.NewChannel(kind);
  channel.stream = (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == SOCK_STREAM;
  channel.tcp = channel.stream && (domain == AF_INET || domain == AF_INET6);
  return channel;
}

// A message is sent or received as a whole; a stream's bytes can be cut anywhere.
bool IsStream(int fd) {
  EngineScope scope;
  Descriptor* descriptor = descriptors.Find(fd);
  return descriptor != nullptr && descriptor->channel->stream;
}

int ConnectInScope(int fd, const sockaddr* address, socklen_t size, std::uintptr_t place) {
  Descriptor* descriptor = descriptors.Find(fd);
  if (descriptor == nullptr) return real_connect(fd, address, size);
  Channel& channel = *descriptor->channel;
  Channel* listener = connections.ListenerAt(address, size);
  scheduler.Visible(StepKind::kSend, listener != nullptr ? listener : &channel, place);
  scheduler.Touches(&channel);
  const int flags = fcntl(fd, F_GETFL);
  fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  int result = real_connect(fd, address, size);
  int error = errno;
  fcntl(fd, F_SETFL, flags);
  if (result == 0 || error == EINPROGRESS) {
    connections.Connected(fd, channel, listener);
    SendKnowledge(*descriptors.Find(fd), scheduler.Current());
    descriptor_waits.Refresh();
  }
  if (result != 0 && error == EINPROGRESS && !(flags & O_NONBLOCK)) {
    const pollfd wanted = {fd, POLLOUT, 0};
    if (!descriptor_waits.AreReady(&wanted, 1)) {
      descriptor_waits.StandBefore(StepKind::kSend, &channel, place, &wanted, 1, kNever);
    }
    socklen_t error_size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size);
    result = error == 0 ? 0 : -1;
  }
  errno = error;
  return result;
}

// What is left of a message after its first `done` bytes.
ssize_t SendPart(int fd, const msghdr& message, std::size_t done, std::size_t limit, int flags) {
  std::string all;
  for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
    const iovec& piece = message.msg_iov[i];
    all.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return real_send(fd, all.data() + done, limit, flags);
}

int Accept(int fd, sockaddr* address, socklen_t* size, int flags, std::uintptr_t place) {
  // Taking a connection out of the queue is a receive like any other.
  int accepted = static_cast<int>(Receive(
      {.fd = fd, .place = place, .size = 1, .whole = true},
      [&](std::size_t, std::size_t) -> ssize_t { return real_accept4(fd, address, size, flags); }));
  if (accepted < 0) return accepted;
  EngineScope scope;
  Descriptor* listener = descriptors.Find(fd);
  if (listener == nullptr) return accepted;
  connections.Accepted(accepted, *listener->channel);
  const Descriptor connection = *descriptors.Find(accepted);
  scheduler.Touches(connection.channel);
  ReceiveKnowledge(connection, scheduler.Current());
  deliveries.Settle(*connection.channel);
  return accepted;
}

// glibc reads files for this; a simulation knows it by itself.
bool IsLocalName(const char* name) {
  std::string_view text = name != nullptr ? name : "";
  return text == "localhost" || text.ends_with(".localhost") || text == "ip6-localhost";
}

}  // namespace
}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_BOUNDARY int socket(int domain, int type, int protocol) noexcept {
  int fd = real_socket(domain, type, protocol);
  if (fd < 0 || !Inside()) return fd;
  EngineScope scope;
  Channel& channel = NewSocket(domain, type, Channel::Kind::kSocket);
  if (channel.tcp) {
    // Or the kernel would keep small pieces back until the last one was acknowledged, which takes
    // real time.
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  descriptors.Add(fd, channel, 0);
  return fd;
}

INTERLEAVE_BOUNDARY int socketpair(int domain, int type, int protocol, int* ends) noexcept {
  int result = real_socketpair(domain, type, protocol, ends);
  if (result != 0 || !Inside()) return result;
  EngineScope scope;
  Channel& channel = NewSocket(domain, type, Channel::Kind::kPair);
  for (int end : {0, 1}) descriptors.Add(ends[end], channel, end);
  return 0;
}

INTERLEAVE_BOUNDARY int listen(int fd, int backlog) noexcept {
  if (!Inside()) return real_listen(fd, backlog);
  EngineScope scope;
  // A full queue makes the kernel drop a connection and try again a real second later.
  int result = real_listen(fd, std::max(backlog, SOMAXCONN));
  Descriptor* descriptor = descriptors.Find(fd);
  if (result != 0 || descriptor == nullptr) return result;
  connections.Listens(fd, *descriptor->channel);
  SendKnowledge(*descriptor, scheduler.Current());
  return 0;
}

INTERLEAVE_BOUNDARY int connect(int fd, const sockaddr* address, socklen_t size) {
  if (!Inside()) return real_connect(fd, address, size);
  EngineScope scope;
  return ConnectInScope(fd, address, size, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  if (!Inside()) return real_accept4(fd, address, size, flags);
  return Accept(fd, address, size, flags, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int accept(int fd, sockaddr* address, socklen_t* size) {
  if (!Inside()) return real_accept4(fd, address, size, 0);
  return Accept(fd, address, size, 0, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int shutdown(int fd, int how) noexcept {
  if (!Inside()) return real_shutdown(fd, how);
  EngineScope scope;
  Descriptor* found = descriptors.Find(fd);
  if (found == nullptr) return real_shutdown(fd, how);
  const Descriptor descriptor = *found;
  scheduler.Visible(StepKind::kSend, descriptor.channel, INTERLEAVE_PLACE);
  SendKnowledge(descriptor, scheduler.Current());
  int result = real_shutdown(fd, how);
  int error = errno;
  deliveries.Settle(*descriptor.channel);
  descriptor_waits.Refresh();
  errno = error;
  return result;
}

INTERLEAVE_BOUNDARY ssize_t recvfrom(int fd, void* bytes, size_t size, int flags, sockaddr* address,
                                     socklen_t* address_size) {
  if (!Inside()) return real_recvfrom(fd, bytes, size, flags, address, address_size);
  bool stream = IsStream(fd);
  auto* begin = static_cast<char*>(bytes);
  return Receive({.fd = fd,
                  .place = INTERLEAVE_PLACE,
                  .size = size,
                  .dont_wait = (flags & MSG_DONTWAIT) != 0,
                  .whole = !stream,
                  .until_full = stream && (flags & MSG_WAITALL) && !(flags & MSG_PEEK)},
                 [&](std::size_t done, std::size_t limit) {
                   return real_recvfrom(fd, begin + done, limit,
                                        (flags & ~MSG_WAITALL) | MSG_DONTWAIT, address,
                                        address_size);
                 });
}

INTERLEAVE_BOUNDARY ssize_t recv(int fd, void* bytes, size_t size, int flags) {
  if (!Inside()) return real_recv(fd, bytes, size, flags);
  return recvfrom(fd, bytes, size, flags, nullptr, nullptr);
}

INTERLEAVE_BOUNDARY ssize_t __recv_chk(int fd, void* bytes, size_t size, size_t room, int flags) {
  if (size > room) std::abort();
  return recv(fd, bytes, size, flags);
}

INTERLEAVE_BOUNDARY ssize_t __recvfrom_chk(int fd, void* bytes, size_t size, size_t room, int flags,
                                           sockaddr* address, socklen_t* address_size) {
  if (size > room) std::abort();
  return recvfrom(fd, bytes, size, flags, address, address_size);
}

INTERLEAVE_BOUNDARY ssize_t recvmsg(int fd, msghdr* message, int flags) {
  if (!Inside()) return real_recvmsg(fd, message, flags);
  return Receive(
      {.fd = fd,
       .place = INTERLEAVE_PLACE,
       .size = 1,
       .dont_wait = (flags & MSG_DONTWAIT) != 0,
       .whole = true},
      [&](std::size_t, std::size_t) { return real_recvmsg(fd, message, flags | MSG_DONTWAIT); });
}

INTERLEAVE_BOUNDARY ssize_t sendto(int fd, const void* bytes, size_t size, int flags,
                                   const sockaddr* address, socklen_t address_size) {
  if (!Inside()) return real_sendto(fd, bytes, size, flags, address, address_size);
  auto* begin = static_cast<const char*>(bytes);
  return Send({.fd = fd,
               .place = INTERLEAVE_PLACE,
               .size = size,
               .dont_wait = (flags & MSG_DONTWAIT) != 0,
               .whole = !IsStream(fd),
               .no_signal = (flags & MSG_NOSIGNAL) != 0},
              [&](std::size_t done, std::size_t limit) {
                return real_sendto(fd, begin + done, limit, flags | MSG_DONTWAIT | MSG_NOSIGNAL,
                                   address, address_size);
              });
}

INTERLEAVE_BOUNDARY ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  if (!Inside()) return real_send(fd, bytes, size, flags);
  return sendto(fd, bytes, size, flags, nullptr, 0);
}

// What a stream had no room for is sent later, without the message's control data.
INTERLEAVE_BOUNDARY ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (!Inside()) return real_sendmsg(fd, message, flags);
  std::size_t size = 0;
  for (std::size_t i = 0; i < message->msg_iovlen; ++i) size += message->msg_iov[i].iov_len;
  return Send({.fd = fd,
               .place = INTERLEAVE_PLACE,
               .size = size,
               .dont_wait = (flags & MSG_DONTWAIT) != 0,
               .whole = !IsStream(fd),
               .no_signal = (flags & MSG_NOSIGNAL) != 0},
              [&](std::size_t done, std::size_t limit) -> ssize_t {
                flags |= MSG_DONTWAIT | MSG_NOSIGNAL;
                if (done == 0 && limit == size) return real_sendmsg(fd, message, flags);
                return SendPart(fd, *message, done, limit, flags);
              });
}

INTERLEAVE_BOUNDARY int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                                    addrinfo** result) {
  if (!Inside() || !IsLocalName(node)) return real_getaddrinfo(node, service, hints, result);
  EngineScope scope;
  addrinfo numeric = hints != nullptr ? *hints : addrinfo();
  numeric.ai_flags = (numeric.ai_flags | AI_NUMERICHOST) & ~AI_ADDRCONFIG;
  const char* address = numeric.ai_family == AF_INET6 ? "::1" : "127.0.0.1";
  int error = real_getaddrinfo(address, service, &numeric, result);
  if (error == 0 && (*result)->ai_canonname != nullptr) {
    std::free((*result)->ai_canonname);
    (*result)->ai_canonname = strdup(node);
  }
  return error;
}
