#include "runtime/engine/report.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "runtime/engine/columns.h"
#include "runtime/engine/descriptor_waits.h"
#include "runtime/engine/names.h"
#include "runtime/engine/sync.h"
#include "runtime/engine/sync_rwlock.h"

namespace interleave {

std::string SourceLine::Text() const { return line == 0 ? "?" : file + ":" + std::to_string(line); }

std::string Race::Text() const {
  const auto verb = [](bool writes, bool frees) {
    return frees ? "frees" : writes ? "writes" : "reads";
  };
  const std::string first_verb = verb(first_writes, first_frees);
  const std::string second_verb = verb(second_writes, second_frees);
  std::string text = "data race: " + first_thread + " " + first_verb;
  if (first.line == second.line && first.file == second.file) {
    text +=
        " and " + second_thread + " " + second_verb + " " + object + ", both at " + first.Text();
  } else {
    text += " " + object + " at " + first.Text() + ", " + second_thread + " " + second_verb +
            " it at " + second.Text();
  }
  return text + "; nothing orders them";
}

namespace engine {
namespace {

std::string Seconds(Time time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f s", static_cast<double>(time) / 1e9);
  return text;
}

Operation NameOnly(const void* object, StepKind kind) { return {kind, object, 0, 0}; }

bool IsLock(StepKind kind) { return kind == StepKind::kLock || kind == StepKind::kReadLock; }

}  // namespace

std::vector<Frame> StackOf(Thread& thread) {
  std::vector<Frame> frames;
  if (!thread.started) return frames;
  scheduler.Ask(thread, [&] { frames = FramesOfThisThread(thread.next.place); });
  return frames;
}

Thread* WaitsForThread(const Thread& thread) {
  if (thread.next.kind == StepKind::kJoin) {
    return const_cast<Thread*>(static_cast<const Thread*>(thread.next.object));
  }
  if (!IsLock(thread.next.kind)) return nullptr;
  if (Mutex* mutex = locks.Mutexes().Find(thread.next.object)) return mutex->owner;
  RwLock* lock = rwlocks.All().Find(thread.next.object);
  if (lock == nullptr || lock->writer != nullptr || lock->readers.empty()) {
    return lock != nullptr ? lock->writer : nullptr;
  }
  return lock->readers.front();
}

namespace {

std::string WaitsFor(const Thread& thread, const std::vector<Frame>& stack) {
  std::string descriptor = descriptor_waits.Describe(thread);
  if (!descriptor.empty()) return descriptor;
  std::string object = names.OfObject(thread.next, stack, thread.last_atomic_read);
  switch (thread.next.kind) {
    case StepKind::kJoin:
      return "waits for " + object + " to end";
    case StepKind::kWait:
      return "waits on " + object + ", and nobody is left to wake it";
    case StepKind::kSignal:
      return "waits for a signal";
    default:
      return "waits for " + object;
  }
}

}  // namespace

std::string Holds(const Thread& thread) {
  std::string text;
  const auto add = [&](const void* address) {
    text += text.empty() ? "holds " : " and ";
    text += names.OfObject(NameOnly(address, StepKind::kLock));
  };
  locks.Mutexes().ForEach([&](const Mutex& mutex) {
    if (mutex.owner == &thread) add(mutex.address);
  });
  rwlocks.All().ForEach([&](const RwLock& lock) {
    if (lock.writer == &thread || std::count(lock.readers.begin(), lock.readers.end(), &thread)) {
      add(lock.address);
    }
  });
  return text;
}

namespace {

// "alice -> right -> bob -> left -> alice"; empty if the threads that wait form no cycle.
std::string Cycle(Thread& from) {
  std::vector<Thread*> path;
  for (Thread* thread = &from; thread != nullptr && !thread->ended;
       thread = WaitsForThread(*thread)) {
    auto seen = std::find(path.begin(), path.end(), thread);
    if (seen == path.end()) {
      path.push_back(thread);
      continue;
    }
    if (seen != path.begin()) return "";  // it leads into a cycle that others form
    std::string text = (*seen)->Name();
    for (Thread* member : path) {
      Thread* next = WaitsForThread(*member);
      if (IsLock(member->next.kind)) text += " -> " + names.OfObject(member->next);
      text += " -> " + next->Name();
    }
    return text;
  }
  return "";
}

// A line of a report: a thread, and how it stands.
struct Row {
  std::string name, holds, does, where;
};

std::string RowsText(const std::vector<Row>& rows) {
  std::size_t name = 0, holds = 0, does = 0;
  for (const Row& row : rows) {
    name = std::max(name, row.name.size());
    holds = std::max(holds, row.holds.size());
    does = std::max(does, row.does.size());
  }
  std::string text;
  for (const Row& row : rows) {
    text += "  " + Pad(row.name, name) + "  ";
    if (holds > 0) text += Pad(row.holds, holds) + " ";
    text += Pad(row.does, does) + "  (" + row.where + ")\n";
  }
  return text;
}

std::string ExplainDeadlock(Time start) {
  std::vector<Row> rows;
  std::string cycle;
  for (std::size_t t = 0; t < scheduler.ThreadCount(); ++t) {
    Thread& thread = scheduler.At(t);
    if (thread.ended) continue;
    std::string holds = Holds(thread);
    if (!holds.empty()) holds += ",";
    const std::vector<Frame> stack = StackOf(thread);
    rows.push_back({thread.Name(), holds, WaitsFor(thread, stack), names.LineOf(stack).Text()});
    if (cycle.empty()) cycle = Cycle(thread);
  }
  std::string text = "deadlock at " + Seconds(scheduler.Clock().Now() - start) +
                     ": nobody can run and no timer is armed\n";
  text += RowsText(rows);
  if (!cycle.empty()) text += "  " + cycle + "\n";
  return text;
}

// Of a thread that the budget stopped on its way, nothing can be said but how far it went.
std::string ExplainLivelock(Time start) {
  std::vector<Row> rows;
  for (std::size_t t = 0; t < scheduler.ThreadCount(); ++t) {
    Thread& thread = scheduler.At(t);
    if (thread.ended || !thread.started) continue;
    const std::vector<Frame> stack = StackOf(thread);
    const bool waits = &thread != &scheduler.Current() && !scheduler.IsReady(thread) &&
                       thread.next.kind != StepKind::kSleep;
    rows.push_back(
        {thread.Name(), "",
         waits ? WaitsFor(thread, stack)
               : "goes on after " + Grouped(static_cast<std::int64_t>(thread.steps)) + " steps",
         names.LineOf(stack).Text()});
  }
  return "livelock at " + Seconds(scheduler.Clock().Now() - start) + ": the budget of " +
         Grouped(scheduler.Steps() - 1) + " steps is used up and the run is not over\n" +
         RowsText(rows);
}

}  // namespace

std::string Explain(const Scheduler::Result& result, Time start) {
  switch (result.ending) {
    case Ending::kReturned:
    case Ending::kBadSchedule:
      return "";
    case Ending::kDeadlock:
      return ExplainDeadlock(start);
    case Ending::kLivelock:
      return ExplainLivelock(start);
    default:
      break;
  }
  Thread& thread = scheduler.Current();
  std::string text = result.outcome;
  SourceLine where = names.LineOf(StackOf(thread));
  const std::string place = "(" + where.Text() + ")";
  if (where.line != 0 && text.find(place) == std::string::npos) text += " " + place;
  text += "\n";
  if (!result.detail.empty()) text += "  " + result.detail + "\n";
  return text;
}

}  // namespace engine
}  // namespace interleave
