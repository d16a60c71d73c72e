#include "runtime/engine/strategy.h"
namespace interleave::engine {
std::unique_ptr<Strategy> MakeDistinct() { return MakeAll(); }
}  // namespace interleave::engine
