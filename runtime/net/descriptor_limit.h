// runtime/net/descriptor_limit.h
//
// Each connection is a descriptor, and a process may have so many and no more: RLIMIT_NOFILE, often
// 1024. That is the soft limit, which a process may raise itself, up to the hard one.
//
//   NeedDescriptors(10'100);     // before ten thousand connections
//
// Threads: any; the limit is the process's.

#ifndef INTERLEAVE_RUNTIME_NET_DESCRIPTOR_LIMIT_H_
#define INTERLEAVE_RUNTIME_NET_DESCRIPTOR_LIMIT_H_

#include <cstddef>

namespace interleave {

// How many the process may have at a time.
std::size_t DescriptorLimit();

// Raises the soft limit to `count`, if it is lower.
// Throws: std::runtime_error, which names the limit, if the hard limit does not allow that.
void NeedDescriptors(std::size_t count);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_DESCRIPTOR_LIMIT_H_
