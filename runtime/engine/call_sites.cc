#include "runtime/engine/call_sites.h"

#include <algorithm>
#include <cstring>

#include "runtime/engine/hooks.h"

// The sections that all memory hooks are in (hooks.h); the linker provides their bounds.
extern "C" __attribute__((weak)) const char __start_interleave_hooks[];
extern "C" __attribute__((weak)) const char __stop_interleave_hooks[];
extern "C" __attribute__((weak)) const char __start_interleave_copies[];
extern "C" __attribute__((weak)) const char __stop_interleave_copies[];

namespace interleave::engine {
namespace {

// The byte E8 is a call with a 32-bit distance. It may also stand inside another instruction, but
// not with a distance that ends at a hook.
void FindCalls(const DebugInfo::Range& range, std::vector<std::uintptr_t>& found) {
#ifdef __x86_64__
  constexpr std::uintptr_t kCallBytes = 5;
  const auto lies_between = [](std::uintptr_t address, const char* begin, const char* end) {
    return address >= reinterpret_cast<std::uintptr_t>(begin) &&
           address < reinterpret_cast<std::uintptr_t>(end);
  };
  for (std::uintptr_t at = range.begin; at + kCallBytes <= range.end; ++at) {
    const auto* code = reinterpret_cast<const unsigned char*>(at);
    if (code[0] != 0xe8) continue;
    std::int32_t distance;
    std::memcpy(&distance, code + 1, sizeof distance);
    std::uintptr_t target = at + kCallBytes + static_cast<std::uintptr_t>(std::intptr_t{distance});
    const bool copies = lies_between(target, __start_interleave_copies, __stop_interleave_copies);
    if (copies) found.push_back(ReadOfCopy(at + kCallBytes));
    if (copies || lies_between(target, __start_interleave_hooks, __stop_interleave_hooks)) {
      found.push_back(at + kCallBytes);
    }
  }
#else
  (void)range, (void)found;
#endif
}

}  // namespace

CallSites CallSitesAround(DebugInfo& debug_info, std::uintptr_t return_address) {
  CallSites sites;
  std::vector<DebugInfo::Line> lines = debug_info.LinesOf(return_address - 1);
  if (lines.empty()) return sites;
  sites.path = lines[0].path;
  sites.line = lines[0].line;
  for (const auto& range : debug_info.CodeOf(return_address - 1, sites.path, sites.line)) {
    FindCalls(range, sites.return_addresses);
  }
  std::sort(sites.return_addresses.begin(), sites.return_addresses.end());
  return sites;
}

}  // namespace interleave::engine
