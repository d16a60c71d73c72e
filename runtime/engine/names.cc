#include "runtime/engine/names.h"

#include <unwind.h>

#include <algorithm>
#include <utility>

#include "runtime/engine/descriptors.h"
#include "runtime/engine/hooks.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/sync_barrier.h"
#include "runtime/engine/sync_rwlock.h"
#include "runtime/engine/sync_semaphore.h"

namespace interleave::engine {

Names names;

namespace {

struct Walk {
  std::vector<Frame> frames;
};

_Unwind_Reason_Code Visit(_Unwind_Context* context, void* walk) {
  std::vector<Frame>& frames = static_cast<Walk*>(walk)->frames;
  // The unwinder knows here where this frame's caller had its stack pointer, which is this frame's
  // own base for the frame before.
  if (!frames.empty()) frames.back().base = _Unwind_GetCFA(context);
  frames.push_back({_Unwind_GetIP(context), 0});
  return frames.size() < 100 ? _URC_NO_REASON : _URC_END_OF_STACK;
}

// Nobody looks for a bug of his own in the standard library, or in the engine; and a line that a
// lab prints is the line that says Log.
bool IsSomebodyElses(const std::string& path) {
  return path.starts_with("/usr/include/") || path.starts_with("/usr/lib/") ||
         path.find("runtime/engine/") != std::string::npos ||
         path.find("runtime/lab/log.") != std::string::npos ||
         path.find("runtime/lab/standard_output.") != std::string::npos;
}

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

const char* WordFor(StepKind kind, const void* object) {
  if (rwlocks.All().Find(object) != nullptr) return "reader-writer lock";
  if (semaphores.All().Find(object) != nullptr) return "semaphore";
  if (barriers.All().Find(object) != nullptr) return "barrier";
  switch (kind) {
    case StepKind::kLock:
    case StepKind::kTryLock:
    case StepKind::kUnlock:
      return "mutex";
    case StepKind::kWait:
    case StepKind::kWake:
      return "condition";
    default:
      return "memory";
  }
}

}  // namespace

std::vector<Frame> FramesOfThisThread(std::uintptr_t from) {
  Walk walk;
  walk.frames.reserve(32);
  _Unwind_Backtrace(Visit, &walk);
  auto first = std::find_if(walk.frames.begin(), walk.frames.end(), [&](const Frame& frame) {
    return frame.return_address == from || ReadOfCopy(frame.return_address) == from;
  });
  if (from != 0 && first != walk.frames.end()) walk.frames.erase(walk.frames.begin(), first);
  return std::move(walk.frames);
}

SourceLine Names::LineOf(std::uintptr_t return_address) {
  auto known = lines_.find(return_address);
  if (known != lines_.end()) return known->second;
  SourceLine& found = lines_[return_address];
  for (const DebugInfo::Line& line : debug_info_.LinesOf(return_address - 1)) {
    if (line.line == 0 || IsSomebodyElses(line.path)) continue;
    found = {BaseName(line.path), line.line, line.path};
    break;
  }
  return found;
}

SourceLine Names::LineOfAccess(std::uintptr_t return_address) {
  SourceLine line = LineOf(return_address);
  if (line.line != 0) return line;
  std::vector<DebugInfo::Line> lines = debug_info_.LinesOf(return_address - 1);
  return lines.empty() ? line : SourceLine{BaseName(lines[0].path), lines[0].line, lines[0].path};
}

bool Names::IsLibrarysOwnLock(std::uintptr_t return_address) {
  for (const DebugInfo::Line& line : debug_info_.LinesOf(return_address - 1)) {
    if (line.path.ends_with("/bits/shared_ptr_atomic.h")) return true;
    if (!IsSomebodyElses(line.path)) return false;
  }
  return false;
}

SourceLine Names::LineOf(const std::vector<Frame>& frames) {
  for (const Frame& frame : frames) {
    if (frame.return_address == 0) break;
    SourceLine line = LineOf(frame.return_address);
    if (line.line != 0) return line;
  }
  return {};
}

std::string Names::OfVariable(std::uintptr_t address) {
  std::string name = debug_info_.Global(address);
  if (name.empty()) name = OfLocal(address);
  return name.empty() ? "memory" : name;
}

std::string Names::OfPointer(std::uintptr_t value) {
  const std::string name = debug_info_.GlobalThatBegins(value);
  return name.empty() ? "" : "&" + name;
}

// A local variable is on the stack of a thread that has stopped somewhere below the function it
// belongs to.
std::string Names::OfLocal(std::uintptr_t address) {
  for (std::size_t t = 0; t < scheduler.ThreadCount(); ++t) {
    Thread& owner = scheduler.At(t);
    auto bottom = reinterpret_cast<std::uintptr_t>(owner.fiber.GetStack()->Bottom());
    if (address < bottom || address >= bottom + kStackBytes || !owner.started) continue;
    std::vector<Frame> frames;
    scheduler.Ask(owner, [&] { frames = FramesOfThisThread(0); });
    for (const Frame& frame : frames) {
      if (frame.base <= address) continue;                // a frame lies below its base
      if (LineOf(frame.return_address).line == 0) break;  // a local of the engine or the library
      std::string name = debug_info_.Local(address, frame.return_address - 1, frame.base);
      if (!name.empty()) return name;
      break;
    }
  }
  return "";
}

// The outermost header between the call and the program's own line: a std::latch waits by way of a
// std::atomic.
std::string Names::LibraryWord(const std::vector<Frame>& callers) {
  static constexpr std::pair<const char*, const char*> kWords[] = {
      {"future", "std::future"},       {"latch", "std::latch"},
      {"barrier", "std::barrier"},     {"semaphore_base.h", "std::counting_semaphore"},
      {"semaphore", "std::semaphore"}, {"stop_token", "std::stop_token"},
      {"atomic", "std::atomic"},       {"atomic_base.h", "std::atomic"},
  };
  std::string word;
  for (const Frame& frame : callers) {
    if (frame.return_address == 0) break;
    for (const DebugInfo::Line& line : debug_info_.LinesOf(frame.return_address - 1)) {
      if (line.line != 0 && !IsSomebodyElses(line.path)) return word;
      const std::string file = BaseName(line.path);
      for (const auto& [header, of_it] : kWords) {
        if (file == header) word = of_it;
      }
    }
  }
  return word;
}

std::string Names::OfObject(const Operation& operation, const std::vector<Frame>& callers,
                            const void* last_read) {
  if (operation.object == nullptr) return "";
  if (operation.kind == StepKind::kJoin) {
    return static_cast<const Thread*>(operation.object)->Name();
  }
  // Their objects are the engine's own tables.
  if (operation.kind == StepKind::kSignal || operation.kind == StepKind::kProcess) return "";
  std::string channel = descriptors.NameOfObject(operation.object);
  if (!channel.empty()) return channel;
  std::string& known = numbered_[operation.object];
  if (known.empty()) known = OfVariable(reinterpret_cast<std::uintptr_t>(operation.object));
  if (known == "memory") {
    std::string word = LibraryWord(callers);
    if (word.empty()) word = WordFor(operation.kind, operation.object);
    std::size_t number = 1;
    for (const auto& [object, text] : numbered_) number += text.starts_with(word + " ");
    known = word + " " + std::to_string(number);
  }
  const bool librarys_own = known.starts_with("__");
  if (librarys_own && operation.kind == StepKind::kWait && last_read != nullptr) {
    return OfObject({operation.kind, last_read, operation.place, 0}, callers);
  }
  return known;
}

}  // namespace interleave::engine
