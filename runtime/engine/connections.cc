#include "runtime/engine/connections.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "runtime/engine/deliveries.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Connections connections;

namespace {

using Question = int (*)(int, sockaddr*, socklen_t*) noexcept;

// The answer of getsockname or getpeername, as bytes.
std::string AddressOf(int fd, Question question) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  if (question(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  return std::string(reinterpret_cast<const char*>(&address), size);
}

// -1: not of the internet.
int PortOf(const sockaddr* address, socklen_t size) {
  if (address->sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port);
  }
  if (address->sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(address)->sin6_port);
  }
  return -1;
}

bool IsOwnAddress(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    in_addr_t host = ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
    return host >> 24 == 127 || host == INADDR_ANY;
  }
  const in6_addr& host = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&host) || IN6_IS_ADDR_UNSPECIFIED(&host);
}

bool IsAt(const std::string& own, const sockaddr* address, socklen_t size) {
  auto* mine = reinterpret_cast<const sockaddr*>(own.data());
  int port = PortOf(address, size);
  if (port >= 0) {
    return IsOwnAddress(address) && port == PortOf(mine, static_cast<socklen_t>(own.size()));
  }
  return own.size() == size && std::memcmp(own.data(), address, size) == 0;
}

}  // namespace

void Connections::Listens(int fd, Channel& channel) {
  descriptors.BecomesListener(channel);
  channel.address[0] = AddressOf(fd, getsockname);
}

Channel* Connections::ListenerAt(const sockaddr* address, socklen_t size) const {
  for (std::size_t i = 0; i < descriptors.ChannelCount(); ++i) {
    Channel& channel = *descriptors.Channels()[i];
    if (channel.kind == Channel::Kind::kListener && channel.open[0] > 0 &&
        IsAt(channel.address[0], address, size)) {
      return &channel;
    }
  }
  return nullptr;
}

void Connections::Connected(int fd, Channel& channel, Channel* listener) {
  if (!channel.address[0].empty()) return;  // connect was called again, to ask
  channel.address[0] = AddressOf(fd, getsockname);
  if (listener == nullptr) {
    channel.outside = channel.stream;
    return;
  }
  scheduler.Current().known.Join(listener->clock[0]);
  deliveries.Settle(channel);
  listener->arrivals.push_back(&channel);
  deliveries.SettleArrivals(*listener);
}

void Connections::Accepted(int fd, Channel& listener) {
  std::vector<Channel*>& arrivals = listener.arrivals;
  auto found = arrivals.begin();
  if (listener.tcp) {
    const std::string peer = AddressOf(fd, getpeername);
    found = std::find_if(arrivals.begin(), arrivals.end(),
                         [&](const Channel* channel) { return channel->address[0] == peer; });
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (found != arrivals.end()) {  // of unnamed sockets the kernel gives the first to come
    descriptors.Add(fd, **found, 1);
    arrivals.erase(found);
    return;
  }
  Channel& channel = descriptors.NewChannel(Channel::Kind::kSocket);
  channel.stream = true;
  channel.tcp = listener.tcp;
  channel.outside = true;
  descriptors.Add(fd, channel, 1);
}

}  // namespace interleave::engine
