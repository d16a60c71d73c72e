// runtime/net/endpoint.h
//
// Where a server listens: a host, by address or by name, and a port.

#ifndef INTERLEAVE_RUNTIME_NET_ENDPOINT_H_
#define INTERLEAVE_RUNTIME_NET_ENDPOINT_H_

#include <cstdint>
#include <string>

namespace interleave {

struct Endpoint {
  std::string host = {};
  std::uint16_t port = 0;

  // "127.0.0.1:80", "[::1]:80"
  std::string Text() const {
    const bool is_v6 = host.find(':') != std::string::npos;
    return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  }
  bool operator==(const Endpoint& other) const = default;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_ENDPOINT_H_
