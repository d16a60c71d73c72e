#include "runtime/engine/races.h"

#include <algorithm>
#include <bit>

#include "runtime/engine/freed_blocks.h"
#include "runtime/engine/inside.h"
#include "runtime/engine/names.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Races races;

void Races::BeginRun() {
  shadow.Clear();
  answers_.clear();
}

void Races::Clear() {
  seen_.clear();
  std::fill(std::begin(last_pairs_), std::end(last_pairs_), Pair{});
  found_.clear();
  wanted_.clear();
  answers_.clear();
}

// `access` is of no bytes yet.
void Races::CheckInParts(Thread& thread, std::uintptr_t address, std::size_t size, Access access) {
  if (scheduler.Layout().Contains(address)) return;  // as in CheckElsewhere
  while (size > 0) {
    if (address % 8 == 0 && size / 8 > Shadow::kWide) {
      const std::uintptr_t first = address / 8, count = size / 8;
      CheckWide(thread, first, first + count - 1, access.To(0xff));
      address += 8 * count;
      size -= 8 * count;
      continue;
    }
    std::size_t here = std::min(size, 8 - address % 8);
    CheckWithin(thread, address, access.To(((1u << here) - 1) << address % 8));
    address += here;
    size -= here;
  }
}

void Races::CheckWide(Thread& thread, std::uintptr_t first, std::uintptr_t last,
                      const Access& access) {
  const std::vector<Cell*>& cells = shadow.CellsBetween(first, last);
  Cell* const* cell = cells.data();
  for (std::size_t i = cells.size(); i > 0; --i, ++cell) CompareWithAll(**cell, thread, access);
  // The same with what was done to much at once: a cell for the time of the comparison.
  for (std::uint32_t i = 0; i < shadow.WideCount();) {
    const WideAccess& earlier = shadow.Wide(i);
    if (earlier.last < first || earlier.first > last) {
      ++i;
      continue;
    }
    Cell both;
    both.key = shadow.KeyOf(std::max(earlier.first, first));
    both.Add(earlier.access);
    CompareWithAll(both, thread, access);
    const bool covered = both.Count() == 1 && !both[0].Covers(earlier.access);
    const bool within = earlier.first >= first && earlier.last <= last;
    const bool same = earlier.access.Covers(access) && access.Covers(earlier.access);
    if (within && (covered || same)) {
      shadow.RemoveWide(i);
    } else {
      ++i;
    }
  }
  shadow.AddWide({first, last, access});
}

// What was before is forgotten, unless it is a free as well.
void Races::GiveBack(Thread& thread, std::uintptr_t address, std::size_t size,
                     std::uintptr_t place) {
  const Access access = Access(place, thread.epoch, thread.number, 0xff, true, false).AsFreed();
  const std::uintptr_t first = address / 8, end = (address + size + 7) / 8;
  if (end - first > Shadow::kWide) {
    shadow.Forget(address, size);
    shadow.AddWide({first, end - 1, access});
    for (Cell* cell : shadow.CellsBetween(first, end - 1)) cell->Add(access);
    return;
  }
  for (std::uintptr_t granule = first; granule < end; ++granule) {
    Cell& cell = shadow.Of(granule);
    if (cell.Count() > 0 && cell[0].Freed()) CompareWithAll(cell, thread, access);
    cell.SetOnly(access);
  }
}

void Races::CheckFreed(std::uintptr_t address, std::size_t size, std::uintptr_t place) {
  // An access is to one block, so its ends say all.
  for (std::uintptr_t granule : {address / 8, (address + size - 1) / 8}) {
    const Access* freed = shadow.FreedAt(granule);
    if (freed == nullptr) continue;
    MisusesFreedMemory(Ending::kCrash, "use after free", place, freed->Thread(), freed->place);
  }
}

void Races::CheckElsewhere(Cell& home, Thread& thread, std::uintptr_t address, Access access) {
  // Every simulated thread sees its own variable here, so two of them can't race on it.
  if (scheduler.Layout().Contains(address)) return;
  // Most often nobody has come to these bytes in this run.
  if (!shadow.BeginAtHome(home, address / 8, access)) CheckAnywhere(thread, address, access);
}

void Races::CheckAnywhere(Thread& thread, std::uintptr_t address, Access access) {
  Cell& cell = shadow.Of(address / 8);
  if (!cell.IsRepeated(access)) CompareWith(cell, thread, access);
}

void Races::CompareWith(Cell& cell, Thread& thread, Access access) {
  if (cell.Count() == 0) {
    cell.has_atomic |= access.Atomic();
    cell.SetOnly(access);
    return;
  }
  // Most often: one access before, that this one knows of.
  if (cell.Count() == 1 && !access.Atomic() && !cell[0].Freed()) {
    const Access& only = cell[0];
    if (only.Thread() == access.Thread() || thread.known.Of(only.Thread()) >= only.Epoch()) {
      access.Replaces(only) ? cell.SetOnly(access) : cell.Add(access);
      return;
    }
  }
  CompareWithAll(cell, thread, access);
}

void Races::CompareWithAll(Cell& cell, Thread& thread, Access access) {
  if (access.Atomic()) cell.has_atomic = true;
  bool conflict = false;
  bool said = false;  // by an access of the same thread that stays
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < cell.Count(); ++i) {
    const Access& earlier = cell[i];
    bool ordered = true;
    const bool meet = (earlier.Bytes() & access.Bytes()) != 0;
    if (earlier.Thread() != access.Thread() && meet) {
      ordered = thread.known.Of(earlier.Thread()) >= earlier.Epoch();
      if (earlier.Write() || access.Write()) {
        conflict |= !ordered || access.Atomic();
        if (access.Atomic() && earlier.Atomic()) {
          places.MakePoint(earlier.place);
          places.MakePoint(access.place);
        } else if (!ordered) {
          Report(cell, earlier, access);
        }
      }
    }
    if (earlier.Freed() && meet) [[unlikely]] {
      const bool twice = access.Freed();
      MisusesFreedMemory(twice ? Ending::kAbort : Ending::kCrash,
                         twice ? "freed twice" : "use after free", access.place, earlier.Thread(),
                         earlier.place);
    }
    if (ordered && access.Replaces(earlier)) continue;
    said |= earlier.Covers(access);
    if (kept != i) cell[kept] = earlier;
    ++kept;
  }
  cell.Truncate(kept);
  // Where it matters that this is another place, some run has the other thread's access come first.
  if (conflict || !said) cell.Add(access);
}

void Races::Report(const Cell& cell, const Access& earlier, const Access& access) {
  if (places.Frozen()) return;
  // A program with a race runs into it in every run.
  Pair& last = last_pairs_[(earlier.place * 31 + access.place) % kLastPairs];
  if (last.first == earlier.place && last.second == access.place) return;
  last = {earlier.place, access.place};
  places.MakePoint(earlier.place);
  places.MakePoint(access.place);
  for (const Pair& pair : seen_) {
    if ((pair.first == earlier.place && pair.second == access.place) ||
        (pair.first == access.place && pair.second == earlier.place)) {
      return;
    }
  }
  EngineScope scope;
  seen_.push_back({earlier.place, access.place});
  Race race;
  auto both = static_cast<std::uint8_t>(earlier.Bytes() & access.Bytes());
  std::uintptr_t variable =
      Shadow::GranuleOf(cell) * 8 + static_cast<unsigned>(std::countr_zero(both));
  // Which came first is chance, so the sentence has an order of its own: it begins with the one who
  // reads, or else with the thread that was created first.
  const bool turned =
      earlier.Write() != access.Write() ? earlier.Write() : access.Thread() < earlier.Thread();
  const Access& first = turned ? access : earlier;
  const Access& second = &first == &earlier ? access : earlier;
  race.first_thread = scheduler.At(first.Thread()).Name();
  race.second_thread = scheduler.At(second.Thread()).Name();
  race.first_writes = first.Write();
  race.second_writes = second.Write();
  race.first_frees = first.Freed();
  race.second_frees = second.Freed();
  // Of the access that is being made the whole stack is there; of the earlier one only its place.
  const std::vector<Frame> frames = FramesOfThisThread(access.place);
  bool unknown = false;
  bool excused = false;
  scheduler.OnRootStack([&] {
    excused = names.IsLibrarysOwnLock(first.place) && names.IsLibrarysOwnLock(second.place);
    if (excused) return;
    race.object = names.OfVariable(variable);
    unknown = names.LineOf(earlier.place).line == 0;
    race.first = &first == &access ? names.LineOf(frames) : names.LineOfAccess(first.place);
    race.second = &second == &access ? names.LineOf(frames) : names.LineOfAccess(second.place);
  });
  if (excused) return;
  for (const Race& known : found_) {
    if (known.Text() == race.Text()) return;
  }
  if (unknown) {
    wanted_.push_back({found_.size(), &second == &earlier, earlier.Thread(), earlier.place});
  }
  found_.push_back(std::move(race));
}

void Races::Comes(Thread& thread, std::uintptr_t place) {
  const auto here = [&](const Caller& caller) {
    return caller.thread == thread.number && caller.place == place;
  };
  const std::vector<Caller> callers = wanted_;
  if (std::none_of(callers.begin(), callers.end(), here)) return;
  const std::vector<Frame> frames = FramesOfThisThread(place);
  SourceLine line;
  scheduler.OnRootStack([&] { line = names.LineOf(frames); });
  for (const Caller& caller : callers) {
    if (here(caller)) Take({caller.race, caller.second, line});
  }
}

void Races::Take(const Answer& answer) {
  std::erase_if(wanted_, [&](const Caller& caller) {
    return caller.race == answer.race && caller.second == answer.second;
  });
  if (answer.line.line == 0) return;
  Race& race = found_[answer.race];
  (answer.second ? race.second : race.first) = answer.line;
  answers_.push_back(answer);
}

std::vector<Race> Races::Distinct() const {
  std::vector<Race> distinct;
  for (const Race& race : found_) {
    const auto same = [&](const Race& other) { return other.Text() == race.Text(); };
    if (std::none_of(distinct.begin(), distinct.end(), same)) distinct.push_back(race);
  }
  return distinct;
}

}  // namespace interleave::engine
