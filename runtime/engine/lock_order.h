// runtime/engine/lock_order.h
//
// A deadlock that did not happen this time. One thread locks left and then right, another right and
// then left: most runs get away with it, but what each thread locked while it held what can be seen
// in any of them. "Held A while locking B" is an edge from A to B; a cycle of edges is an
// inversion. It is none
//
//   - if one thread makes two of the edges: it does not wait for itself
//   - if two edges were made with the same third lock held, a gate that lets one thread at a time
//     through (Goodlock: Havelund, "Using runtime analysis to guide model checking of Java
//     programs", 2000)
//   - if one edge was over before the other could begin: its thread had ended and been joined, or
//     had not been started, or was woken by the other (Bensalem and Havelund 2005 for the first
//     two)
//
// An attempt that does not wait for ever (try_lock, try_lock_for) makes no edge, nor does a lock
// that is only read. Orders by other means, such as a flag, are not seen, so an inversion says that
// two threads *may* deadlock; where all schedules were run and none did, nothing is said.
//
// Costs nothing where no lock is held while another one is locked: the list begins with the first
// edge. Names and lines are slow to find, so an exploration asks for them in a replay.
#ifndef INTERLEAVE_RUNTIME_ENGINE_LOCK_ORDER_H_
#define INTERLEAVE_RUNTIME_ENGINE_LOCK_ORDER_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine/thread.h"

namespace interleave::engine {

class LockOrder {
 public:
  bool detailed = false;  // find names and lines

  void Clear();
  void BeginRun();

  // `thread` will wait for `lock` until it gets it, and holds others (Thread::held).
  void Wants(Thread& thread, const void* lock, std::uintptr_t place);

  // What `earlier` has done so far comes before all that `later` does from here on.
  void Orders(const Thread& earlier, const Thread& later) {
    if (!log_.empty()) Log({earlier.number, later.number, kNoEdge});
  }

  // After a run that did not deadlock. With `detailed` its inversions are put into words.
  void EndRun();

  // Whether the last run had an inversion that no run since Clear had.
  bool IsNew() const { return !new_.empty(); }

  // One sentence each.
  const std::vector<std::string>& Found() const { return found_; }

  // Threads and locks of an inversion, in the order of first mention. What is new in the last run,
  // and the same for another process, which made the run (forked_run.h).
  using Key = std::vector<std::uint32_t>;
  const std::vector<Key>& New() const { return new_; }
  void Saw(Key key) {
    if (seen_.insert(key).second) new_.push_back(std::move(key));
  }
  void Found(std::string sentence);

 private:
  static constexpr std::uint32_t kNoEdge = UINT32_MAX;

  struct Edge {
    std::uint32_t thread;
    std::vector<const void*> held;
    const void* lock;
    std::string lock_name, where;  // if detailed
    std::vector<std::string> held_names;
  };
  struct Entry {
    std::uint32_t earlier, later;  // threads
    std::uint32_t edge;            // kNoEdge: an order
  };
  using Cycle = std::vector<std::uint32_t>;  // of edges

  void Log(const Entry& entry);
  void Extend(Cycle& cycle);
  bool Fits(const Cycle& cycle, std::uint32_t edge) const;
  bool AreConcurrent(const Cycle& cycle) const;
  void Report(const Cycle& cycle);
  static bool Holds(const Edge& edge, const void* lock);

  // Of the current run.
  std::vector<Edge> edges_;
  std::vector<Entry> log_;
  std::size_t last_order_ = 0;  // edges made before it
  std::vector<Cycle> cycles_;
  int budget_ = 0;  // of a search

  std::vector<Key> new_;

  std::set<Key> seen_;
  std::vector<std::string> found_;
};

extern LockOrder lock_order;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_LOCK_ORDER_H_
