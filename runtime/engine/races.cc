#include "runtime/engine/races.h"

#include <algorithm>

#include "runtime/engine/inside.h"
#include "runtime/engine/names.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Races races;

void Races::BeginRun() { shadow.Clear(); }

void Races::Clear() {
  seen_.clear();
  found_.clear();
}

void Races::Check(Thread& thread, std::uintptr_t address, std::size_t size, bool write, bool atomic,
                  Place& place) {
  while (size > 0) {
    std::size_t offset = address % 8;
    std::size_t here = std::min(size, 8 - offset);
    auto bytes = static_cast<std::uint8_t>(((1u << here) - 1) << offset);
    CheckCell(thread, address, bytes, write, atomic, place);
    address += here;
    size -= here;
  }
}

void Races::CheckCell(Thread& thread, std::uintptr_t address, std::uint8_t bytes, bool write,
                      bool atomic, Place& place) {
  Cell& cell = shadow.Of(address / 8);
  if (atomic) cell.has_atomic = true;
  for (std::uint32_t i = 0; i < cell.Count();) {
    Access& earlier = cell[i];
    bool covered = (earlier.bytes & ~bytes) == 0 && (!atomic || earlier.atomic);
    if (earlier.thread == thread.number) {
      // The same thread, the same time: whatever races with this access races with that one, too.
      if (earlier.epoch == thread.epoch && (bytes & ~earlier.bytes) == 0 &&
          earlier.write >= write && earlier.atomic == atomic) {
        return;
      }
      if (covered && write >= earlier.write) {
        cell.RemoveAt(i);
        continue;
      }
    } else if ((earlier.bytes & bytes) != 0) {
      bool ordered = thread.known.Of(earlier.thread) >= earlier.epoch;
      if (earlier.write || write) {
        if (atomic && earlier.atomic) {
          places.MakePoint(place);
          places.MakePoint(places.Numbered(earlier.place));
        } else if (!ordered) {
          Report(address, earlier, thread, write, place);
        }
      }
      // What comes later and does not know of the earlier access does not know of this one either.
      if (ordered && covered && write >= earlier.write) {
        cell.RemoveAt(i);
        continue;
      }
    }
    ++i;
  }
  cell.Add({thread.epoch, place.number, static_cast<std::uint16_t>(thread.number), bytes, write,
            atomic});
}

void Races::Report(std::uintptr_t address, const Access& earlier, Thread& thread, bool write,
                   Place& place) {
  Place& other = places.Numbered(earlier.place);
  places.MakePoint(place);
  places.MakePoint(other);
  for (const Pair& pair : seen_) {
    if ((pair.first == other.number && pair.second == place.number) ||
        (pair.first == place.number && pair.second == other.number)) {
      return;
    }
  }
  EngineScope scope;
  seen_.push_back({other.number, place.number});
  Race race;
  race.first_thread = scheduler.At(earlier.thread).Name();
  race.second_thread = thread.Name();
  race.first_writes = earlier.write;
  race.second_writes = write;
  auto first_byte = static_cast<std::uint32_t>(std::countr_zero(earlier.bytes));
  std::uintptr_t variable = std::max(address, address / 8 * 8 + first_byte);
  scheduler.OnRootStack([&] {
    race.object = names.OfVariable(variable);
    race.first = names.LineOf(other.address);
    race.second = names.LineOf(place.address);
  });
  for (const Race& known : found_) {
    if (known.Text() == race.Text()) return;
  }
  found_.push_back(std::move(race));
}

}  // namespace interleave::engine
