// runtime/engine/recorder.h
//
// Writes down the steps of a run, for tables, timelines and traces. Off in an exploration.
#ifndef INTERLEAVE_RUNTIME_ENGINE_RECORDER_H_
#define INTERLEAVE_RUNTIME_ENGINE_RECORDER_H_

#include <string_view>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/engine/memory_model.h"
#include "runtime/engine/names.h"
#include "runtime/engine/thread.h"

namespace interleave::engine {

class Recorder {
 public:
  bool on = false;

  void Clear() {
    steps_.clear();
    preemptions_ = 0;
  }

  // What the scheduler tells.
  void Starts(Thread& thread);
  void Stops(Thread& thread);   // all that its last step did is done
  void Blocks(Thread& thread);  // it may not do its next operation yet
  void Goes(Thread& thread);    // and now it is its turn
  void Ends(Thread& thread);
  void RunEnds(Thread& running);
  void Writes(const Thread& thread, std::string_view text);  // before the step, and after it
  void Wrote(const Thread& thread);

  // What an atomic access has read or written, where memory does not say so (memory_model.h).
  struct StoreName {
    int thread = -1;  // who stored it; -1: it was there at the start
    std::uint64_t value = 0;
  };
  enum class Placed { kLast, kBefore, kInBuffer };
  void ReadAtomic(Thread& thread, const AtomicUse& use, StoreName read, StoreName missed, bool old);
  void ReadPastBuffer(Thread& thread, const AtomicUse& use, std::uint64_t value, StoreName missed);
  void WroteAtomic(Thread& thread, const AtomicUse& use, std::uint64_t value, StoreName next,
                   Placed placed);

  void Woke(const Thread& waiter);  // the step that was told last, a notify

  // What a thread that stands before a kOutput is about to write.
  std::string WillWrite(const Thread& thread) const;

  // After the run. Finds the source lines.
  std::vector<Step> Take();

 private:
  // A step whose text is found later, because finding it is slow.
  struct Raw {
    Step step;
    std::vector<Frame> callers;
    const void* address = nullptr;  // of memory that the step accesses
    std::uint32_t size = 0;

    // The step's note, but for the names: a thread may be given one later.
    enum class Note { kNone, kOld, kPastBuffer, kBefore, kInBuffer };
    Note note = Note::kNone;
    StoreName read, other;
  };
  Raw* OpenAccess(Thread& thread, const AtomicUse& use);
  static std::string NoteOf(const Raw& raw);
  Raw& Add(Thread& thread, bool blocked);
  void CloseWrite(Thread& thread);
  void FindValue(Raw& raw);
  static void SetValue(Raw& raw, std::uint64_t value);

  std::vector<Raw> steps_;
  std::vector<std::string> will_write_;  // by thread
  int preemptions_ = 0;                  // so far
};

extern Recorder recorder;

// As the program's own integers read, or "&counter" for a pointer to it; nobody knows the type
// here. Empty for other sizes. From where names may be asked for (names.h).
std::string ValueAt(const void* address, std::uint32_t size);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_RECORDER_H_
