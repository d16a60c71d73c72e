// runtime/engine/schedule.h
//
// A schedule as text, short enough to copy from a terminal: "1.2.1@24". Before the @ the answers to
// the choices of a run, in order: which thread goes on (0 is the main thread, then in order of
// creation), or, where a notify may wake one of several, which of them. Steps that nobody chose are
// left out. Behind the @ the places that are scheduling points: "24" is every access on line 24 of
// the file with main, "queue.h:10" one elsewhere, "24#2#3" the second and third access of line 24.
//
//   schedule = [choice *("." choice)] ["@" place *("," place)]
//   place    = [file ":"] line *("#" number)
#ifndef INTERLEAVE_RUNTIME_ENGINE_SCHEDULE_H_
#define INTERLEAVE_RUNTIME_ENGINE_SCHEDULE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/debug_info.h"

namespace interleave::engine {

struct PlaceName {
  std::string file;  // base name; empty: the file with main
  int line = 0;
  std::vector<int> numbers;  // empty: every access on the line
};

struct Schedule {
  std::vector<std::uint32_t> choices;
  std::vector<PlaceName> places;
};

// Throws std::invalid_argument with one sentence if it is no schedule.
Schedule ParseSchedule(std::string_view text);

std::string ToText(const Schedule& schedule);

// The names of the places with these return addresses, and the other way round.
std::vector<PlaceName> NamePlaces(const std::vector<std::uintptr_t>& return_addresses);
bool IsNamed(const std::vector<PlaceName>& places, std::uintptr_t return_address);

// A sentence about the first of these that is nowhere in this program; "" if there is none.
std::string StrangePlace(const std::vector<PlaceName>& places);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SCHEDULE_H_
