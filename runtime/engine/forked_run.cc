#include "runtime/engine/forked_run.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/engine/conversation.h"
#include "runtime/engine/inside.h"
#include "runtime/engine/lock_order.h"
#include "runtime/engine/memory_model.h"
#include "runtime/engine/places.h"
#include "runtime/engine/races.h"

namespace interleave::engine {
namespace {

void PutPoints(Tape& tape, const std::vector<std::uintptr_t>& before) {
  std::vector<std::uintptr_t> added, now = places.Points();
  std::set_difference(now.begin(), now.end(), before.begin(), before.end(),
                      std::back_inserter(added));
  tape.Put(added.size());
  for (std::uintptr_t point : added) tape.Put(point);
}

void Put(Tape& tape, const SourceLine& line) {
  tape.PutText(line.file);
  tape.PutText(line.path);
  tape.Put(static_cast<std::uint64_t>(line.line));
}

void Put(Tape& tape, const Race& race) {
  tape.PutText(race.object);
  tape.PutText(race.first_thread);
  tape.PutText(race.second_thread);
  tape.Put(race.first_writes);
  tape.Put(race.second_writes);
  tape.Put(race.first_frees);
  tape.Put(race.second_frees);
  Put(tape, race.first);
  Put(tape, race.second);
}

SourceLine GetLine(Tape& tape) {
  std::string file = tape.GetText(), path = tape.GetText();
  return {std::move(file), static_cast<int>(tape.Get()), std::move(path)};
}

Race GetRace(Tape& tape) {
  Race race;
  race.object = tape.GetText();
  race.first_thread = tape.GetText();
  race.second_thread = tape.GetText();
  race.first_writes = tape.Get() != 0;
  race.second_writes = tape.Get() != 0;
  race.first_frees = tape.Get() != 0;
  race.second_frees = tape.Get() != 0;
  race.first = GetLine(tape);
  race.second = GetLine(tape);
  return race;
}

// Who called the library in a race, as far as that is not known or has been found out.
void PutCallers(Tape& tape, std::size_t found_before) {
  std::vector<Races::Caller> wanted;
  for (const Races::Caller& caller : races.Wanted()) {
    if (caller.race >= found_before) wanted.push_back(caller);
  }
  tape.Put(wanted.size());
  for (const Races::Caller& caller : wanted) {
    tape.Put(caller.race);
    tape.Put(caller.second);
    tape.Put(caller.thread);
    tape.Put(caller.place);
  }
  tape.Put(races.Answers().size());
  for (const Races::Answer& answer : races.Answers()) {
    tape.Put(answer.race);
    tape.Put(answer.second);
    Put(tape, answer.line);
  }
}

void TakeOverCallers(Tape& tape) {
  for (std::uint64_t left = tape.Get(); left > 0; --left) {
    Races::Caller caller;
    caller.race = tape.Get();
    caller.second = tape.Get() != 0;
    caller.thread = static_cast<std::uint32_t>(tape.Get());
    caller.place = tape.Get();
    races.Want(caller);
  }
  for (std::uint64_t left = tape.Get(); left > 0; --left) {
    Races::Answer answer;
    answer.race = tape.Get();
    answer.second = tape.Get() != 0;
    answer.line = GetLine(tape);
    races.Take(answer);
  }
}

// The races that are new: the pairs of places that need no looking at any more, and the reports.
void PutRaces(Tape& tape, std::size_t pairs_before, std::size_t found_before) {
  tape.Put(races.Seen().size() - pairs_before);
  for (std::size_t i = pairs_before; i < races.Seen().size(); ++i) {
    tape.Put(races.Seen()[i].first);
    tape.Put(races.Seen()[i].second);
  }
  tape.Put(races.Found().size() - found_before);
  for (std::size_t i = found_before; i < races.Found().size(); ++i) Put(tape, races.Found()[i]);
}

void TakeOverRaces(Tape& tape) {
  for (std::uint64_t left = tape.Get(); left > 0; --left) {
    std::uintptr_t first = tape.Get();
    races.Saw({first, tape.Get()});
  }
  for (std::uint64_t left = tape.Get(); left > 0; --left) races.Found(GetRace(tape));
}

void PutInversions(Tape& tape) {
  tape.Put(lock_order.New().size());
  for (const LockOrder::Key& key : lock_order.New()) {
    tape.Put(key.size());
    for (std::uint32_t number : key) tape.Put(number);
  }
  tape.Put(lock_order.Found().size());
  for (const std::string& sentence : lock_order.Found()) tape.PutText(sentence);
}

void TakeOverInversions(Tape& tape) {
  lock_order.BeginRun();
  for (std::uint64_t left = tape.Get(); left > 0; --left) {
    LockOrder::Key key(tape.Get());
    for (std::uint32_t& number : key) number = static_cast<std::uint32_t>(tape.Get());
    lock_order.Saw(std::move(key));
  }
  for (std::uint64_t left = tape.Get(); left > 0; --left) lock_order.Found(tape.GetText());
}

// A child that makes runs ahead stops after so long, for they are in vain if the exploration ends
// here, and it stops when the tape is so long.
constexpr auto kAheadTime = std::chrono::milliseconds(50);
constexpr std::size_t kAheadWords = std::size_t{1} << 20;

// In the child: makes a run, and writes it down with what it has added to what is known.
void WriteRun(Tape& tape, Session& session, const Body& body, Strategy& strategy, Time start,
              std::int64_t step_budget) {
  const std::vector<std::uintptr_t> points = places.Points();
  const std::size_t pairs = races.Seen().size(), found = races.Found().size();
  RecordingStrategy recording(strategy, tape);
  const Scheduler::Result& result = session.Run(body, recording, start, step_budget);
  recording.Close();
  PutPoints(tape, points);
  PutRaces(tape, pairs, found);
  PutCallers(tape, found);
  PutInversions(tape);
  tape.Put(static_cast<std::uint64_t>(result.ending));
  tape.PutText(result.outcome);
  tape.PutText(result.detail);
  tape.Put(static_cast<std::uint64_t>(scheduler.Steps()));
  tape.Put(static_cast<std::uint64_t>(scheduler.Preemptions()));
  tape.Put(scheduler.CutSpins());
  tape.Put(memory_model != nullptr && memory_model->cut_stale);
  tape.Publish();
}

}  // namespace

const Scheduler::Result& ForkedRuns::Run(Session& session, const Body& body, Strategy& strategy,
                                         Time start, std::int64_t step_budget,
                                         std::chrono::nanoseconds limit) {
  Fork(limit, [&] { WriteRun(tape_, session, body, strategy, start, step_budget); });
  return ReadRun(strategy, limit);
}

const Scheduler::Result& ForkedRuns::RunNext(Session& session, const Body& body, Strategy& strategy,
                                             Time start, std::int64_t step_budget,
                                             std::chrono::nanoseconds limit) {
  if (tape_.AtEnd()) {
    Fork(limit, [&] {
      const auto enough = std::chrono::steady_clock::now() + kAheadTime;
      do {
        WriteRun(tape_, session, body, strategy, start, step_budget);
        strategy.End();
      } while (!places.TakeGrown() && strategy.Complaint().empty() && tape_.Size() < kAheadWords &&
               std::chrono::steady_clock::now() < enough && strategy.Begin());
    });
  }
  return ReadRun(strategy, limit);
}

void ForkedRuns::Fork(std::chrono::nanoseconds limit, const std::function<void()>& work) {
  tape_.Clear();
  one_processor_.Stay();
  child_end_ = WaitForChild(ForkChild([&] {
                              one_processor_.Leave();
                              work();
                            }),
                            limit);
  tape_.Rewind();
}

// As if the run had been made here.
const Scheduler::Result& ForkedRuns::ReadRun(Strategy& strategy, std::chrono::nanoseconds limit) {
  Scheduler::Told told;
  bool ended = HoldAgain(tape_, strategy, told.path);
  if (ended && !tape_.AtEnd()) {
    for (std::uint64_t left = tape_.Get(); left > 0; --left) places.MakePoint(tape_.Get());
    simulating.store(0,
                     std::memory_order_relaxed);  // as MakePoint leaves it, it is for its callers
    TakeOverRaces(tape_);
    TakeOverCallers(tape_);
    TakeOverInversions(tape_);
    told.result.ending = static_cast<Ending>(tape_.Get());
    told.result.outcome = tape_.GetText();
    told.result.detail = tape_.GetText();
    told.steps = static_cast<std::int64_t>(tape_.Get());
    told.preemptions = static_cast<int>(tape_.Get());
    told.cut_spins = tape_.Get() != 0;
    if (tape_.Get() != 0) memory_model->cut_stale = true;
  } else {
    // It could not say how it ended.
    told.result.ending = child_end_.killed_by_us  ? Ending::kLivelock
                         : child_end_.signal != 0 ? Ending::kCrash
                                                  : Ending::kExit;
    told.result.outcome = child_end_.Text(limit);
    told.steps = static_cast<std::int64_t>(told.path.size());
  }
  scheduler.TakeOver(std::move(told));
  return scheduler.GetResult();
}

}  // namespace interleave::engine
