// runtime/net/course_town.h
//
// A town of pages with links, for who learns to crawl. It has what a web site has: links in a
// circle, a calendar without an end, a link to another host, one that leads nowhere, a bakery that
// answers at the third attempt, and an alley with most of what is in course_failures.h.
//
// Threads: any, these are plain functions.

#ifndef INTERLEAVE_RUNTIME_NET_COURSE_TOWN_H_
#define INTERLEAVE_RUNTIME_NET_COURSE_TOWN_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace interleave {

// The page /town/`place` as HTML; "" is the town itself. None if there is no such place.
std::optional<std::string> TownPage(std::string_view place);

// 0.1 to 0.3 s.
std::chrono::nanoseconds TownLatency(std::string_view place);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_COURSE_TOWN_H_
