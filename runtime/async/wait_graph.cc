// runtime/async/wait_graph.cc

#include "runtime/async/wait_graph.h"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace interleave {
namespace {

constexpr std::size_t kFew = 16;

// A step on the way of a depth-first search, which keeps its own stack: chains may be long.
struct OnTheWay {
  Completion* at;
  std::vector<Completion*> awaited;
  std::size_t next = 0;
};

OnTheWay Visit(Completion& at) {
  OnTheWay visit{&at, {}, 0};
  at.ForEachAwaited([&](Completion& awaited) { visit.awaited.push_back(&awaited); });
  return visit;
}

std::string Drawn(const std::vector<OnTheWay>& way, const Completion& first) {
  std::string text;
  bool in_ring = false;
  for (const OnTheWay& visit : way) {
    in_ring = in_ring || visit.at == &first;
    if (in_ring) text += visit.at->Name() + " -> ";
  }
  return text + first.Name();
}

// From `from` to `to` within `limit` steps; `way` ends before `to`.
CycleSearch Search(Completion& from, const Completion& to, std::size_t limit,
                   std::vector<OnTheWay>& way) {
  std::unordered_set<const Completion*> seen{&from};
  way.push_back(Visit(from));
  while (!way.empty()) {
    OnTheWay& last = way.back();
    if (last.next == last.awaited.size()) {
      way.pop_back();
      continue;
    }
    Completion* next = last.awaited[last.next++];
    if (next == &to) return CycleSearch::kFound;
    if (next->done() || !seen.insert(next).second) continue;
    if (seen.size() > limit) return CycleSearch::kGaveUp;
    way.push_back(Visit(*next));
  }
  return CycleSearch::kNone;
}

}  // namespace

CycleSearch FindCycle(TaskCore& task, Completion& awaited, std::string& cycle) {
  // Most often `awaited` waits for nobody or for one; that needs no stack.
  Completion* at = &awaited;
  for (std::size_t steps = 0; at != nullptr; ++steps) {
    if (steps == kFew) return CycleSearch::kGaveUp;
    Completion* next = nullptr;
    std::size_t count = 0;
    at->ForEachAwaited([&](Completion& further) {
      if (count++ == 0) next = &further;
    });
    if (count > 1) break;
    if (next == &task) break;  // found: draw it
    at = next;
  }
  if (at == nullptr) return CycleSearch::kNone;
  std::vector<OnTheWay> way;
  const CycleSearch found = Search(task, task, kFew, way);
  if (found == CycleSearch::kFound) cycle = Drawn(way, task);
  return found;
}

bool Reaches(Completion& from, Completion& to) {
  std::vector<OnTheWay> way;
  return Search(from, to, std::numeric_limits<std::size_t>::max(), way) == CycleSearch::kFound;
}

std::vector<std::string> AllCycles(TaskList& tasks) {
  enum class State { kOnTheWay, kDone };
  std::vector<std::string> cycles;
  std::unordered_map<const Completion*, State> states;
  for (TaskLinks* first = tasks.first(); first != tasks.end(); first = first->behind) {
    TaskCore& task = static_cast<TaskCore&>(*first);
    if (!states.emplace(&task, State::kOnTheWay).second) continue;
    std::vector<OnTheWay> way;
    way.push_back(Visit(task));
    while (!way.empty()) {
      OnTheWay& last = way.back();
      if (last.next == last.awaited.size()) {
        states[last.at] = State::kDone;
        way.pop_back();
        continue;
      }
      Completion* next = last.awaited[last.next++];
      const auto [known, is_new] = states.emplace(next, State::kOnTheWay);
      if (is_new) {
        way.push_back(Visit(*next));
      } else if (known->second == State::kOnTheWay) {
        cycles.push_back(Drawn(way, *next));
      }
    }
  }
  return cycles;
}

}  // namespace interleave
