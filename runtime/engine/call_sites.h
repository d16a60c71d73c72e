// runtime/engine/call_sites.h
//
// The calls of memory hooks in the machine code of one source line. A line often has several:
// `counter = counter + 1` reads and writes, and in a lambda that captures `counter` by reference it
// reads the closure as well. When all of a line's accesses are scheduling points a schedule says
// "@24"; when only some are, their numbers follow: "@24#2#3".
//
// A line of a header is machine code in every unit that includes it, and two files may have one
// name. So they are counted over the whole program.
#ifndef INTERLEAVE_RUNTIME_ENGINE_CALL_SITES_H_
#define INTERLEAVE_RUNTIME_ENGINE_CALL_SITES_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine/debug_info.h"

namespace interleave::engine {

// As a schedule names it.
struct LineName {
  std::string file;  // base name; empty: the file with main
  int line = 0;      // 0: there is no debug information

  auto operator<=>(const LineName&) const = default;
};

class CallSites {
 public:
  // Looks through the program's machine code, that of x86-64. Elsewhere no calls are found, and a
  // line is all or nothing.
  explicit CallSites(DebugInfo& debug_info);

  LineName LineOf(std::uintptr_t return_address);

  // The return addresses of all calls of hooks on the line, in order; the n-th is number n + 1.
  const std::vector<std::uintptr_t>& On(const LineName& line) const;

 private:
  DebugInfo& debug_info_;
  std::map<LineName, std::vector<std::uintptr_t>> calls_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_CALL_SITES_H_
