// runtime/engine/call_sites.h
//
// The calls of memory hooks in the machine code of one source line. A line often has several:
// `counter = counter + 1` reads and writes, and in a lambda that captures `counter` by reference it
// reads the closure as well. When all of a line's accesses are scheduling points a schedule says
// "@24"; when only some are, their numbers follow: "@24#2#3".
#ifndef INTERLEAVE_RUNTIME_ENGINE_CALL_SITES_H_
#define INTERLEAVE_RUNTIME_ENGINE_CALL_SITES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/engine/debug_info.h"

namespace interleave::engine {

struct CallSites {
  std::string path;                              // of the source line
  int line = 0;                                  // 0: no debug information
  std::vector<std::uintptr_t> return_addresses;  // in order; the n-th is number n + 1 (hooks.h)
};

// The line that the call with `return_address` is on, and all calls of hooks on it. Knows the
// machine code of x86-64; elsewhere no calls are found, and a line is all or nothing.
CallSites CallSitesAround(DebugInfo& debug_info, std::uintptr_t return_address);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_CALL_SITES_H_
