// runtime/engine/names.h
//
// From addresses to what the program's author wrote: source lines and variable names, out of the
// debug information (DWARF) by way of libdw. Slow compared with a step (the first answer takes
// milliseconds), so only reports ask, and never in an exploration that nobody reads.
//
// Call these from the root stack (Scheduler::OnRootStack), where libdw has room, or outside of a
// run.
#ifndef INTERLEAVE_RUNTIME_ENGINE_NAMES_H_
#define INTERLEAVE_RUNTIME_ENGINE_NAMES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/engine/debug_info.h"
#include "runtime/engine/explore.h"
#include "runtime/engine/thread.h"

namespace interleave::engine {

// One frame of a stack, innermost first.
struct Frame {
  std::uintptr_t return_address = 0;
  std::uintptr_t base = 0;  // the canonical frame address, to which locals are relative; 0: unknown
};

// The stack of whoever calls. The engine's own frames are left out as far as `from`, a return
// address in the program under test.
std::vector<Frame> FramesOfThisThread(std::uintptr_t from);

class Names {
 public:
  // Before each run: what had no name of its own is numbered from 1 again.
  void BeginRun() { numbered_.clear(); }

  // The line of a call's return address; of inlined code the innermost line that is not the
  // standard library's.
  SourceLine LineOf(std::uintptr_t return_address);

  // The same; where all of the code is the standard library's, the line there.
  SourceLine LineOfAccess(std::uintptr_t return_address);

  // An access of libstdc++ to what std::atomic<std::shared_ptr> guards with a bit of its own.
  // Versions before 13 give that bit back with a relaxed operation after a load. By the letter of
  // the standard that is a race, in the library; no processor makes a difference of it, and the
  // user of the library can't help it.
  bool IsLibrarysOwnLock(std::uintptr_t return_address);

  // The innermost line of the stack that is the program's own.
  SourceLine LineOf(const std::vector<Frame>& frames);

  // "counter", "account.balance"; "memory" for what has no name.
  std::string OfVariable(std::uintptr_t address);

  // "&counter" if that is what a pointer with this value points to: a global variable, from its
  // beginning. Empty otherwise; a number that happens to be such an address is none in practice.
  std::string OfPointer(std::uintptr_t value);

  // What a thread is about to do something to: a variable, "mutex 1", a thread's name. `callers` is
  // the thread's stack, where that is known: what has no name of its own is called after the part
  // of the standard library that it belongs to ("std::future 1"). `last_read` is the atomic that
  // the thread read last: std::barrier and others wait for one to change, but sleep on a word of
  // the library's own that many objects share.
  std::string OfObject(const Operation& operation, const std::vector<Frame>& callers = {},
                       const void* last_read = nullptr);

 private:
  std::string OfLocal(std::uintptr_t address);
  std::string LibraryWord(const std::vector<Frame>& callers);

  DebugInfo debug_info_;
  std::map<std::uintptr_t, SourceLine> lines_;  // already found
  std::map<const void*, std::string> numbered_;
};

extern Names names;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_NAMES_H_
