#include "runtime/engine/call_sites.h"

#include <link.h>

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
void FindCalls(std::uintptr_t begin, std::uintptr_t end, std::vector<std::uintptr_t>& found) {
#ifdef __x86_64__
  constexpr std::uintptr_t kCallBytes = 5;
  const auto lies_between = [](std::uintptr_t address, const char* begin, const char* end) {
    return address >= reinterpret_cast<std::uintptr_t>(begin) &&
           address < reinterpret_cast<std::uintptr_t>(end);
  };
  for (std::uintptr_t at = begin; at + kCallBytes <= end; ++at) {
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
  (void)begin, (void)end, (void)found;
#endif
}

// In the executable itself, which is the first module.
std::vector<std::uintptr_t> FindCalls() {
  std::vector<std::uintptr_t> found;
  dl_iterate_phdr(
      [](dl_phdr_info* module, std::size_t, void* found) {
        for (int i = 0; i < module->dlpi_phnum; ++i) {
          const ElfW(Phdr)& part = module->dlpi_phdr[i];
          if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
          const std::uintptr_t begin = module->dlpi_addr + part.p_vaddr;
          FindCalls(begin, begin + part.p_filesz,
                    *static_cast<std::vector<std::uintptr_t>*>(found));
        }
        return 1;
      },
      &found);
  return found;
}

}  // namespace

CallSites::CallSites(DebugInfo& debug_info) : debug_info_(debug_info) {
  for (std::uintptr_t return_address : FindCalls()) {
    calls_[LineOf(return_address)].push_back(return_address);
  }
}

LineName CallSites::LineOf(std::uintptr_t return_address) {
  const DebugInfo::Line line = debug_info_.LineOf(return_address - 1);
  if (line.path == debug_info_.MainPath()) return {"", line.line};
  return {line.path.substr(line.path.rfind('/') + 1), line.line};
}

const std::vector<std::uintptr_t>& CallSites::On(const LineName& line) const {
  static const auto* none = new std::vector<std::uintptr_t>;
  const auto calls = calls_.find(line);
  return calls != calls_.end() ? calls->second : *none;
}

}  // namespace interleave::engine
