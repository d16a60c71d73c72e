// runtime/net/resolve.h
//
// Which addresses does a name stand for?
//
//   for (const SocketAddress& address : co_await Resolve({"localhost", 80})) ...
//
// An address in numbers is taken as it is. A name is looked up by getaddrinfo, which asks files and
// perhaps the network, and blocks: so it runs on a thread of the loop's pool (offload.h).
//
// Threads: within a task. Cancellation: nobody waits any more; a lookup that has begun goes on by
// itself.

#ifndef INTERLEAVE_RUNTIME_NET_RESOLVE_H_
#define INTERLEAVE_RUNTIME_NET_RESOLVE_H_

#include <vector>

#include "runtime/async/task.h"
#include "runtime/net/socket_address.h"

namespace interleave {

// At least one, in the order in which they should be tried.
// Throws: NameNotFound, which names the host and says what getaddrinfo said.
Task<std::vector<SocketAddress>> Resolve(Endpoint endpoint);

// The same without a loop; may block.
std::vector<SocketAddress> ResolveBlocking(const Endpoint& endpoint);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_RESOLVE_H_
