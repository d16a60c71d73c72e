#include "runtime/engine/lock_order.h"

#include <algorithm>
#include <deque>

#include "runtime/engine/names.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

LockOrder lock_order;

namespace {

// Programs that lock in loops would make any number; what they do first is enough.
constexpr std::size_t kMostEdges = 200;
constexpr std::size_t kMostEntries = 2000;
constexpr std::size_t kLongestCycle = 6;
constexpr int kSearch = 20'000;

}  // namespace

void LockOrder::Clear() {
  BeginRun();
  seen_.clear();
  found_.clear();
}

void LockOrder::BeginRun() {
  edges_.clear();
  log_.clear();
  last_order_ = 0;
  new_.clear();
}

void LockOrder::Log(const Entry& entry) {
  if (log_.size() >= kMostEntries) return;
  log_.push_back(entry);
  if (entry.edge == kNoEdge) last_order_ = edges_.size();
}

void LockOrder::Wants(Thread& thread, const void* lock, std::uintptr_t place) {
  if (edges_.size() >= kMostEdges || log_.size() >= kMostEntries) return;
  for (std::size_t i = last_order_; i < edges_.size(); ++i) {
    const Edge& edge = edges_[i];
    if (edge.thread == thread.number && edge.lock == lock && edge.held == thread.held) return;
  }
  Edge edge{thread.number, thread.held, lock, "", "", {}};
  if (detailed) {
    const std::vector<Frame> frames = FramesOfThisThread(place);
    scheduler.OnRootStack([&] {
      const auto name = [](const void* object) {
        return names.OfObject({StepKind::kLock, object, 0, 0});
      };
      for (const void* held : edge.held) edge.held_names.push_back(name(held));
      edge.lock_name = name(lock);
      edge.where = names.LineOf(frames).Text();
    });
  }
  edges_.push_back(std::move(edge));
  Log({thread.number, thread.number, static_cast<std::uint32_t>(edges_.size() - 1)});
}

bool LockOrder::Holds(const Edge& edge, const void* lock) {
  return std::find(edge.held.begin(), edge.held.end(), lock) != edge.held.end();
}

// Whether an edge may come next: it begins at the lock where the last one ends, another thread
// makes it, and no lock is held with it and with one of the others.
bool LockOrder::Fits(const Cycle& cycle, std::uint32_t next) const {
  const Edge& edge = edges_[next];
  if (!Holds(edge, edges_[cycle.back()].lock)) return false;
  return std::none_of(cycle.begin(), cycle.end(), [&](std::uint32_t before) {
    const Edge& other = edges_[before];
    return other.thread == edge.thread ||
           std::any_of(other.held.begin(), other.held.end(),
                       [&](const void* lock) { return Holds(edge, lock); });
  });
}

// All cycles that begin with cycle[0]; each is found from its first edge only.
void LockOrder::Extend(Cycle& cycle) {
  if (Holds(edges_[cycle.front()], edges_[cycle.back()].lock) && cycle.size() > 1) {
    cycles_.push_back(cycle);
    return;
  }
  if (cycle.size() == kLongestCycle) return;
  for (std::uint32_t next = cycle.front() + 1; next < edges_.size() && --budget_ > 0; ++next) {
    if (!Fits(cycle, next)) continue;
    cycle.push_back(next);
    Extend(cycle);
    cycle.pop_back();
  }
}

// Vector clocks of what is in the log alone: that a lock was given back and taken later is what
// might have been the other way round.
bool LockOrder::AreConcurrent(const Cycle& cycle) const {
  struct Knowledge {
    VectorClock known;
    std::uint32_t epoch = 1;
  };
  std::deque<Knowledge> threads(scheduler.ThreadCount());
  std::deque<Knowledge> edges(edges_.size());
  for (const Entry& entry : log_) {
    Knowledge& earlier = threads[entry.earlier];
    if (entry.edge != kNoEdge) {
      edges[entry.edge].known.Assign(earlier.known);
      edges[entry.edge].epoch = earlier.epoch;
      continue;
    }
    Knowledge& later = threads[entry.later];
    later.known.Join(earlier.known);
    later.known.Set(entry.earlier, earlier.epoch);
    ++earlier.epoch;
  }
  for (std::uint32_t a : cycle) {
    for (std::uint32_t b : cycle) {
      if (a != b && edges[b].known.Of(edges_[a].thread) >= edges[a].epoch) return false;
    }
  }
  return true;
}

void LockOrder::EndRun() {
  if (edges_.size() < 2) return;
  cycles_.clear();
  budget_ = kSearch;
  for (std::uint32_t first = 0; first + 1 < edges_.size(); ++first) {
    Cycle cycle = {first};
    Extend(cycle);
  }
  for (const Cycle& cycle : cycles_) {
    // Addresses differ from run to run; which lock was mentioned first does not.
    std::vector<const void*> mentioned;
    Key key;
    for (const Edge& edge : edges_) mentioned.push_back(edge.lock);
    for (std::uint32_t edge : cycle) {
      key.push_back(edges_[edge].thread);
      const auto first = std::find(mentioned.begin(), mentioned.end(), edges_[edge].lock);
      key.push_back(static_cast<std::uint32_t>(first - mentioned.begin()));
    }
    if ((!detailed && seen_.contains(key)) || !AreConcurrent(cycle)) continue;
    Saw(std::move(key));
    if (detailed) Report(cycle);
  }
}

void LockOrder::Report(const Cycle& cycle) {
  // The thread with the lowest number begins, whatever came first in this run.
  const auto by_thread = [&](std::uint32_t a, std::uint32_t b) {
    return edges_[a].thread < edges_[b].thread;
  };
  Cycle turned = cycle;
  std::rotate(turned.begin(), std::min_element(turned.begin(), turned.end(), by_thread),
              turned.end());
  std::string text = "lock-order inversion: ";
  for (std::size_t i = 0; i < turned.size(); ++i) {
    const Edge& edge = edges_[turned[i]];
    const Edge& before = edges_[turned[(i + turned.size() - 1) % turned.size()]];
    const auto held = std::find(edge.held.begin(), edge.held.end(), before.lock);
    if (i > 0) text += i + 1 < turned.size() ? ", " : " and ";
    text += scheduler.At(edge.thread).Name() + " locks " + edge.lock_name + " (" + edge.where +
            ") while it holds " +
            edge.held_names[static_cast<std::size_t>(held - edge.held.begin())];
  }
  text += "; with other timing each waits for the next for ever";
  Found(std::move(text));
}

void LockOrder::Found(std::string sentence) {
  if (std::find(found_.begin(), found_.end(), sentence) != found_.end()) return;
  found_.push_back(std::move(sentence));
}

}  // namespace interleave::engine
