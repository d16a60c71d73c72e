#include "runtime/engine/freed_blocks.h"

#include <algorithm>
#include <utility>

#include "runtime/engine/inside.h"
#include "runtime/engine/names.h"
#include "runtime/engine/own_memory.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/shadow.h"

namespace interleave::engine {

FreedBlocks freed_blocks;

const FreedBlocks::Block* FreedBlocks::Find(const void* address) const {
  if (*static_cast<const std::uintptr_t*>(address) != MarkOf(address)) return nullptr;
  for (std::uint32_t i = 0; i < count_; ++i) {
    if (blocks_[i].address == address) return &blocks_[i];
  }
  return nullptr;
}

void FreedBlocks::Add(void* address, std::size_t size, std::uint32_t thread, std::uintptr_t place) {
  if (count_ == kMostBlocks || bytes_ + size > kMostBytes) {
    for (std::uint32_t i = 0; i < count_; ++i) {
      shadow.Forget(reinterpret_cast<std::uintptr_t>(blocks_[i].address), blocks_[i].size);
    }
    Release();
  }
  *static_cast<std::uintptr_t*>(address) = MarkOf(address);
  blocks_[count_++] = {address, size, thread, place};
  bytes_ += size;
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  begin_ = std::min(begin_, begin);
  end_ = std::max(end_, begin + size);
}

void FreedBlocks::Release() {
  for (std::uint32_t i = 0; i < count_; ++i) FreeOwn(blocks_[i].address);
  count_ = 0;
  bytes_ = 0;
  begin_ = UINTPTR_MAX;
  end_ = 0;
}

void MisusesFreedMemory(Ending ending, const char* what, std::uintptr_t place,
                        std::uint32_t freed_by, std::uintptr_t freed_at) {
  EngineScope scope;
  const std::vector<Frame> frames = FramesOfThisThread(place);
  std::string text = what + (" in " + scheduler.Current().Name());
  scheduler.OnRootStack([&] {
    const auto add_line = [&text](const SourceLine& line) {
      if (line.line != 0) text += " (" + line.Text() + ")";
    };
    add_line(names.LineOf(frames));
    if (freed_at == 0) return;
    text += ", freed in " + scheduler.At(freed_by).Name();
    add_line(names.LineOf(freed_at));
  });
  scheduler.End(ending, std::move(text));
}

}  // namespace interleave::engine
