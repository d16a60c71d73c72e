// Lab 47, the program under suspicion: a journal that writes behind.
//
// Who sells something must not wait for the disk. So Append only puts the entry where the writer
// finds it, and a thread of the journal's own takes what has come together and writes it. Close
// waits until the writer has nothing left to do.
#ifndef INTERLEAVE_LABS_47_HEISENBUG_HUNT_JOURNAL_H_
#define INTERLEAVE_LABS_47_HEISENBUG_HUNT_JOURNAL_H_

#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "labs/47_heisenbug_hunt_flag.h"

using Entries = std::vector<std::string>;

class Journal {
 public:
  // What the writer does, again and again; false when there is nothing more.
  using Round = bool (*)(Journal&);

  explicit Journal(Round round);

  void Append(const std::string& entry);

  // Call it when nobody appends any more. Returns how many entries were written.
  std::size_t Close();

  // For the writer's rounds.
  bool IsClosed();
  Entries TakePending();
  void Write(const Entries& entries);

  Flag work;  // something is pending

 private:
  std::mutex pending_mutex_;
  Entries pending_;      // guarded by pending_mutex_
  bool closed_ = false;  // guarded by pending_mutex_
  Entries written_;      // the writer's
  std::thread writer_;
};

// The log of this program, which can be switched on in one of two places.
enum class Traced { kNothing, kAppend, kWrite };
void SetTraced(Traced what);

#endif  // INTERLEAVE_LABS_47_HEISENBUG_HUNT_JOURNAL_H_
