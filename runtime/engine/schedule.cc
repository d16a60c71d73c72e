#include "runtime/engine/schedule.h"

#include <algorithm>
#include <charconv>
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

// The file is left out where it is the one with main.
std::string FileFor(const std::string& path) {
  return path == ProgramsDebugInfo().MainPath() ? "" : BaseName(path);
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
  std::vector<PlaceName> places;
  for (std::uintptr_t return_address : return_addresses) {
    CallSites sites = CallSitesAround(ProgramsDebugInfo(), return_address);
    PlaceName place;
    place.file = FileFor(sites.path);
    place.line = sites.line;
    bool all = true;
    for (std::size_t i = 0; i < sites.return_addresses.size(); ++i) {
      if (std::find(return_addresses.begin(), return_addresses.end(), sites.return_addresses[i]) !=
          return_addresses.end()) {
        place.numbers.push_back(static_cast<int>(i) + 1);
      } else {
        all = false;
      }
    }
    if (all) place.numbers.clear();
    bool known = std::any_of(places.begin(), places.end(), [&](const PlaceName& other) {
      return other.file == place.file && other.line == place.line;
    });
    if (!known) places.push_back(place);
  }
  std::sort(places.begin(), places.end(), [](const PlaceName& a, const PlaceName& b) {
    return a.file != b.file ? a.file < b.file : a.line < b.line;
  });
  return places;
}

bool IsNamed(const std::vector<PlaceName>& places, std::uintptr_t return_address) {
  if (places.empty()) return false;
  CallSites sites = CallSitesAround(ProgramsDebugInfo(), return_address);
  std::string file = FileFor(sites.path);
  auto site =
      std::find(sites.return_addresses.begin(), sites.return_addresses.end(), return_address);
  int number = static_cast<int>(site - sites.return_addresses.begin()) + 1;
  return std::any_of(places.begin(), places.end(), [&](const PlaceName& place) {
    return place.line == sites.line && place.file == file &&
           (place.numbers.empty() ||
            std::find(place.numbers.begin(), place.numbers.end(), number) != place.numbers.end());
  });
}

std::string StrangePlace(const std::vector<PlaceName>& places) {
  DebugInfo& debug_info = ProgramsDebugInfo();
  for (const PlaceName& place : places) {
    const std::string file = place.file.empty() ? BaseName(debug_info.MainPath()) : place.file;
    if (debug_info.HasCode(file, place.line)) continue;
    const std::string where = "line " + std::to_string(place.line);
    return "this program has no code on " + (file.empty() ? where : where + " of " + file);
  }
  return "";
}

}  // namespace interleave::engine

namespace interleave {

void CheckSchedule(std::string_view text) { engine::ParseSchedule(text); }

}  // namespace interleave
