#include "runtime/engine/schedule.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

#include "runtime/engine/call_sites.h"
#include "runtime/engine/explore.h"

namespace interleave::engine {
namespace {

constexpr const char* kExample = "; a schedule looks like 1.2.1@24";

[[noreturn]] void Reject(std::string_view part, const char* what) {
  throw std::invalid_argument("'" + std::string(part) + "' is no " + what + kExample);
}

template <typename Number>
Number ParseNumber(std::string_view text, const char* what) {
  Number number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) Reject(text, what);
  return number;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

PlaceName ParsePlace(std::string_view text) {
  PlaceName place;
  std::vector<std::string_view> parts = Split(text, '#');
  std::size_t colon = parts[0].rfind(':');
  if (colon != std::string_view::npos) {
    place.file = parts[0].substr(0, colon);
    parts[0].remove_prefix(colon + 1);
  }
  place.line = ParseNumber<int>(parts[0], "line number");
  for (std::size_t i = 1; i < parts.size(); ++i) {
    place.numbers.push_back(ParseNumber<int>(parts[i], "number of an access"));
  }
  return place;
}

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Asked by schedules only, which are printed and parsed outside of runs.
DebugInfo& ProgramsDebugInfo() {
  static auto* debug_info = new DebugInfo;
  return *debug_info;
}

CallSites& ProgramsCallSites() {
  static auto* call_sites = new CallSites(ProgramsDebugInfo());
  return *call_sites;
}

}  // namespace

Schedule ParseSchedule(std::string_view text) {
  Schedule schedule;
  std::size_t at = text.find('@');
  std::string_view choices = text.substr(0, at);
  if (!choices.empty()) {
    for (std::string_view choice : Split(choices, '.')) {
      schedule.choices.push_back(ParseNumber<std::uint32_t>(choice, "thread number"));
    }
  }
  if (at != std::string_view::npos) {
    for (std::string_view place : Split(text.substr(at + 1), ',')) {
      schedule.places.push_back(ParsePlace(place));
    }
  }
  return schedule;
}

std::string ToText(const Schedule& schedule) {
  std::string text;
  for (std::uint32_t choice : schedule.choices) {
    if (!text.empty()) text += '.';
    text += std::to_string(choice);
  }
  for (std::size_t i = 0; i < schedule.places.size(); ++i) {
    const PlaceName& place = schedule.places[i];
    text += i == 0 ? '@' : ',';
    if (!place.file.empty()) text += place.file + ":";
    text += std::to_string(place.line);
    for (int number : place.numbers) text += "#" + std::to_string(number);
  }
  return text;
}

std::vector<PlaceName> NamePlaces(const std::vector<std::uintptr_t>& return_addresses) {
  std::set<LineName> lines;
  for (std::uintptr_t return_address : return_addresses) {
    lines.insert(ProgramsCallSites().LineOf(return_address));
  }
  std::vector<PlaceName> places;
  for (const LineName& line : lines) {
    PlaceName& place = places.emplace_back();
    place.file = line.file;
    place.line = line.line;
    const std::vector<std::uintptr_t>& sites = ProgramsCallSites().On(line);
    for (std::size_t i = 0; i < sites.size(); ++i) {
      if (std::find(return_addresses.begin(), return_addresses.end(), sites[i]) !=
          return_addresses.end()) {
        place.numbers.push_back(static_cast<int>(i) + 1);
      }
    }
    if (place.numbers.size() == sites.size()) place.numbers.clear();
  }
  return places;
}

bool IsNamed(const std::vector<PlaceName>& places, std::uintptr_t return_address) {
  if (places.empty()) return false;
  const LineName line = ProgramsCallSites().LineOf(return_address);
  const std::vector<std::uintptr_t>& sites = ProgramsCallSites().On(line);
  auto site = std::find(sites.begin(), sites.end(), return_address);
  int number = static_cast<int>(site - sites.begin()) + 1;
  return std::any_of(places.begin(), places.end(), [&](const PlaceName& place) {
    return place.line == line.line && place.file == line.file &&
           (place.numbers.empty() ||
            std::find(place.numbers.begin(), place.numbers.end(), number) != place.numbers.end());
  });
}

std::string StrangePlace(const std::vector<PlaceName>& places) {
  DebugInfo& debug_info = ProgramsDebugInfo();
  for (const PlaceName& place : places) {
    const std::string file = place.file.empty() ? BaseName(debug_info.MainPath()) : place.file;
    if (place.line == 0 || debug_info.HasCode(file, place.line)) continue;
    const std::string where = "line " + std::to_string(place.line);
    return "this program has no code on " + (file.empty() ? where : where + " of " + file);
  }
  return "";
}

}  // namespace interleave::engine

namespace interleave {

void CheckSchedule(std::string_view text) { engine::ParseSchedule(text); }

}  // namespace interleave
