// runtime/engine/debug_info.h
//
// The few questions that reports have for the program's DWARF, asked through libdw.
#ifndef INTERLEAVE_RUNTIME_ENGINE_DEBUG_INFO_H_
#define INTERLEAVE_RUNTIME_ENGINE_DEBUG_INFO_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace interleave::engine {

class DebugInfo {
 public:
  DebugInfo();
  ~DebugInfo();
  DebugInfo(const DebugInfo&) = delete;
  DebugInfo& operator=(const DebugInfo&) = delete;

  struct Line {
    std::string path;
    int line = 0;
    int column = 0;
  };

  // The line of the instruction at `address`; with the number 0 if there is none.
  Line LineOf(std::uintptr_t address);

  // The lines that led to the instruction at `address`: its own, then those that the functions
  // inlined around it were called from.
  std::vector<Line> LinesOf(std::uintptr_t address);

  // The name of a global variable or of a part of one; empty if there is none at `address`.
  std::string Global(std::uintptr_t address);

  // The name of the global variable whose first byte is at `address`; empty if there is none.
  std::string GlobalThatBegins(std::uintptr_t address);

  // The name of a local variable of the function that `code` is in, where that function's frame is
  // at `frame_base`; empty if none is at `address`.
  std::string Local(std::uintptr_t address, std::uintptr_t code, std::uintptr_t frame_base);

  // Whether any code stems from this line of a source file with this base name. True, too, if there
  // is no debug information that could say so.
  bool HasCode(const std::string& file, int line);

  // The source file with the function `main`; empty if unknown.
  std::string MainPath();

 private:
  struct Opened;  // libdw's types stay out of this header
  Opened& Open();
  std::unique_ptr<Opened> opened_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_DEBUG_INFO_H_
