#include "runtime/engine/tls_image.h"

#include <link.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace interleave::engine {
namespace {

struct Module {
  std::byte* live;           // this OS thread's block
  const std::byte* initial;  // the image in the file's mapping
  std::size_t initial_bytes;
  std::size_t bytes;
};

// libdw and libelf serve the engine alone, whichever thread it runs for.
bool StaysWithTheOsThread(std::string_view path) {
  std::string_view file = path.substr(path.rfind('/') + 1);
  return file.starts_with("libc.so") || file.starts_with("ld-linux") || file.starts_with("libdw") ||
         file.starts_with("libelf");
}

int Collect(dl_phdr_info* info, std::size_t, void* found) {
  if (info->dlpi_tls_data == nullptr || StaysWithTheOsThread(info->dlpi_name)) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_TLS || header.p_memsz == 0) continue;
    static_cast<std::vector<Module>*>(found)->push_back(
        {static_cast<std::byte*>(info->dlpi_tls_data),
         reinterpret_cast<const std::byte*>(info->dlpi_addr + header.p_vaddr), header.p_filesz,
         header.p_memsz});
  }
  return 0;
}

}  // namespace

void TlsLayout::Find() {
  errno_ = &errno;
  std::vector<Module> modules;
  dl_iterate_phdr(Collect, &modules);
  blocks_.clear();
  pristine_.clear();
  low_ = high_ = 0;
  for (const Module& module : modules) {
    blocks_.push_back(
        {reinterpret_cast<std::uint64_t*>(module.live), module.bytes / 8, module.bytes % 8});
    std::size_t at = pristine_.size();
    pristine_.resize(at + (module.bytes + 7) / 8, 0);
    std::memcpy(&pristine_[at], module.initial, module.initial_bytes);
    auto begin = reinterpret_cast<std::uintptr_t>(module.live);
    low_ = low_ == 0 ? begin : std::min(low_, begin);
    high_ = std::max(high_, begin + module.bytes);
  }
  first_ = blocks_.data();
  last_ = blocks_.data() + blocks_.size();
}

}  // namespace interleave::engine
