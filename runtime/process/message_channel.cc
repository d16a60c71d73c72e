// runtime/process/message_channel.cc

#include "runtime/process/message_channel.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>

namespace interleave {
namespace {

struct Header {
  MessageKind kind;
  std::uint32_t is_large;  // the body is in the last of the descriptors
  std::uint64_t number;
  std::uint64_t size;  // of the body
};

constexpr std::size_t kLargestBody = 128 * 1024;
constexpr std::size_t kMostDescriptors = 64;

// For a message of the largest size and some of the next. The kernel may give less.
constexpr int kSocketBuffer = 512 * 1024;

constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(int) * (kMostDescriptors + 1));

void Attach(msghdr& message, char* control, const std::vector<int>& descriptors) {
  if (descriptors.empty()) return;
  const std::size_t size = sizeof(int) * descriptors.size();
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(size);
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(head), descriptors.data(), size);
}

std::vector<Descriptor> Attached(msghdr& message) {
  std::vector<Descriptor> descriptors;
  if (message.msg_controllen == 0) return descriptors;
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
       head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = 0; CMSG_LEN(at + sizeof(int)) <= head->cmsg_len; at += sizeof(int)) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(head) + at, sizeof fd);
      descriptors.emplace_back(fd);
    }
  }
  return descriptors;
}

}  // namespace

std::pair<Descriptor, Descriptor> MessageChannel::Pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  for (const int end : ends) {
    setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof kSocketBuffer);
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

MessageChannel::MessageChannel(Descriptor socket)
    : socket_(std::move(socket)), buffer_(sizeof(Header) + kLargestBody, '\0') {}

MessageChannel::Sent MessageChannel::Send(MessageKind kind, std::uint64_t number,
                                          std::string_view body,
                                          const std::vector<Descriptor>& descriptors, bool wait) {
  if (descriptors.size() > kMostDescriptors) {
    throw std::length_error("a message can carry " + std::to_string(kMostDescriptors) +
                            " pieces of shared memory, and this one has " +
                            std::to_string(descriptors.size()));
  }
  Header header = {kind, body.size() > kLargestBody, number, body.size()};
  std::vector<int> attached;
  for (const Descriptor& one : descriptors) attached.push_back(one.get());
  SharedMemory large;
  if (header.is_large) {
    large = SharedMemory(body.size());
    std::memcpy(large.data(), body.data(), body.size());
    attached.push_back(large.fd());
  }
  iovec pieces[2] = {{&header, sizeof header},
                     {const_cast<char*>(body.data()), header.is_large ? 0 : body.size()}};
  alignas(cmsghdr) char control[kControlSize];
  msghdr message = {};
  message.msg_iov = pieces;
  message.msg_iovlen = 2;
  Attach(message, control, attached);
  while (sendmsg(fd(), &message, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT)) < 0) {
    if (errno == EAGAIN) return Sent::kNoRoom;
    if (errno != EINTR) return Sent::kNobodyThere;
  }
  return Sent::kYes;
}

MessageChannel::Received MessageChannel::Receive(Message& received, bool wait) {
  large_ = SharedMemory();
  iovec piece = {buffer_.data(), buffer_.size()};
  alignas(cmsghdr) char control[kControlSize];
  msghdr message = {};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t size;
  while ((size = recvmsg(fd(), &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT))) < 0) {
    if (errno == EAGAIN) return Received::kNothing;
    if (errno != EINTR) return Received::kEnd;  // ECONNRESET: it ended without reading all
  }
  if (size == 0) return Received::kEnd;

  received.descriptors = Attached(message);
  Header header;
  if (static_cast<std::size_t>(size) < sizeof header) return Received::kMalformed;
  std::memcpy(&header, buffer_.data(), sizeof header);
  received.kind = header.kind;
  received.number = header.number;
  if (header.is_large) {
    if (received.descriptors.empty()) return Received::kMalformed;
    large_ = SharedMemory(std::move(received.descriptors.back()));
    received.descriptors.pop_back();
    if (large_.size() != header.size) return Received::kMalformed;
    received.body = {reinterpret_cast<const char*>(large_.data()), large_.size()};
    return Received::kMessage;
  }
  if (static_cast<std::size_t>(size) != sizeof header + header.size) return Received::kMalformed;
  received.body = std::string_view(buffer_).substr(sizeof header, header.size);
  return Received::kMessage;
}

void MessageChannel::EndSending() { shutdown(fd(), SHUT_WR); }

}  // namespace interleave
