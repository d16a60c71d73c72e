// runtime/net/resolve.cc

#include "runtime/net/resolve.h"

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <system_error>

#include "runtime/async/offload.h"
#include "runtime/net/net_errors.h"

namespace interleave {

std::vector<SocketAddress> ResolveBlocking(const Endpoint& endpoint) {
  if (const auto numbers = SocketAddress::FromNumbers(endpoint)) return {*numbers};
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const std::string port = std::to_string(endpoint.port);
  const int error = getaddrinfo(endpoint.host.c_str(), port.c_str(), &wanted, &first);
  if (error != 0) {
    const std::string why =
        error == EAI_SYSTEM ? std::generic_category().message(errno) : gai_strerror(error);
    throw NameNotFound("the host name '" + endpoint.host + "' cannot be resolved: " + why);
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* at = first; at != nullptr; at = at->ai_next) {
    addresses.emplace_back(at->ai_addr, at->ai_addrlen);
  }
  freeaddrinfo(first);
  return addresses;
}

Task<std::vector<SocketAddress>> Resolve(Endpoint endpoint) {
  if (const auto numbers = SocketAddress::FromNumbers(endpoint)) {
    std::vector<SocketAddress> addresses{*numbers};
    co_return addresses;
  }
  co_return co_await Offload(ResolveBlocking, endpoint);
}

}  // namespace interleave
