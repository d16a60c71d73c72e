// runtime/net/course_town.cc

#include "runtime/net/course_town.h"

#include <cstdint>

#include "runtime/net/numbers.h"
#include "runtime/net/scatter.h"

namespace interleave {
namespace {

constexpr int kShelves = 8, kPiers = 3;

struct Place {
  std::string_view name;
  std::string_view links;  // each followed by a space
};

const Place kPlaces[] = {
    {"", "market library calendar/1 alley mayor "},
    {"market", "/town/ bakery fishmonger "},
    {"bakery", "market "},
    {"fishmonger", "market#prices http://harbour.test/town/harbour "},
    {"library", "/town/ shelf/1 shelf/2 shelf/3 shelf/4 shelf/5 shelf/6 shelf/7 shelf/8 "},
    {"harbour", "pier/1 pier/2 pier/3 http://course.test/town/ "},
    {"alley",
     "bakery mayor /broken/silent /broken/reset /broken/loop /files/attic?size=1000000 "
     "http://nobody.test/ "},
};

// The number of "shelf/3", if it is one of that street and not above `most`.
std::optional<std::int64_t> NumberIn(std::string_view street, std::string_view place,
                                     std::int64_t most) {
  if (!place.starts_with(street)) return {};
  const auto number = ParseNumber<std::int64_t>(place.substr(street.size()));
  return number && *number >= 1 && *number <= most ? number : std::nullopt;
}

std::optional<std::string> LinksIn(std::string_view place) {
  for (const Place& one : kPlaces) {
    if (one.name == place) return std::string(one.links);
  }
  if (const auto shelf = NumberIn("shelf/", place, kShelves)) {
    return "/town/library /town/shelf/" + std::to_string(*shelf % kShelves + 1) + " ";
  }
  if (NumberIn("pier/", place, kPiers)) return "/town/harbour ";
  if (const auto day = NumberIn("calendar/", place, 1'000'000'000)) {
    return "/town/ " + std::to_string(*day + 1) + " ";  // the page beside it
  }
  return {};
}

}  // namespace

std::optional<std::string> TownPage(std::string_view place) {
  const std::optional<std::string> links = LinksIn(place);
  if (!links) return {};
  std::string page = "<!doctype html><title>The town: " + std::string(place) + "</title>\n";
  for (std::string_view rest = *links; !rest.empty(); rest.remove_prefix(rest.find(' ') + 1)) {
    const std::string link(rest.substr(0, rest.find(' ')));
    page += "<a href=\"" + link + "\">" + link + "</a>\n";
  }
  return page;
}

std::chrono::nanoseconds TownLatency(std::string_view place) {
  return std::chrono::milliseconds(100 + Scatter(place) % 201);
}

}  // namespace interleave
