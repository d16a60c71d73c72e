// Which memory model there is, and what a reader is told of it.
#include <memory>
#include <stdexcept>

#include "runtime/engine/cpp_memory.h"
#include "runtime/engine/memory_model.h"
#include "runtime/engine/store_buffers.h"

namespace interleave {

const int engine::kStaleRereads = 1;

MemoryMode ParseMemoryMode(std::string_view text) {
  for (MemoryMode mode : {MemoryMode::kSc, MemoryMode::kCpp, MemoryMode::kTso}) {
    if (text == MemoryModeName(mode)) return mode;
  }
  throw std::invalid_argument(
      "accepted are sc (the newest value always), cpp (what C++20 allows) and tso (what x86 does)");
}

std::string MemoryModeName(MemoryMode mode) {
  return mode == MemoryMode::kSc ? "sc" : mode == MemoryMode::kCpp ? "cpp" : "tso";
}

std::string MemoryLimits(MemoryMode mode, bool cut_stale) {
  if (mode == MemoryMode::kSc) return "";
  std::string text = "--memory=" + MemoryModeName(mode) + ": ";
  text += mode == MemoryMode::kCpp
              ? "what C++20 allows but load buffering, which running forwards cannot produce"
              : "the store buffers of an x86, of any length";
  if (cut_stale) {
    text += "; a place reads the same outdated value " + std::to_string(engine::kStaleRereads) +
            (engine::kStaleRereads == 1 ? " time" : " times") +
            " more at most, and then a newer one";
  }
  return text;
}

namespace engine {

MemoryModel* memory_model = nullptr;

void SetMemoryMode(MemoryMode mode) {
  static const auto cpp = std::make_unique<CppMemory>();
  static const auto tso = std::make_unique<StoreBuffers>();
  memory_model = nullptr;
  if (mode == MemoryMode::kCpp) memory_model = cpp.get();
  if (mode == MemoryMode::kTso) memory_model = tso.get();
  if (memory_model != nullptr) memory_model->cut_stale = false;
}

}  // namespace engine
}  // namespace interleave
