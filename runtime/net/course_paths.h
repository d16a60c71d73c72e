// runtime/net/course_paths.h
//
// Which paths the course server has, and what it answers there. The table is in course_paths.cc;
// `/` prints it.
//
// Threads: the server's.

#ifndef INTERLEAVE_RUNTIME_NET_COURSE_PATHS_H_
#define INTERLEAVE_RUNTIME_NET_COURSE_PATHS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "runtime/async/task.h"
#include "runtime/net/course_characters.h"
#include "runtime/net/web_server.h"

namespace interleave {

struct CourseServerOptions {
  WebServerOptions web = {};
  // How long the answer to /api/character/N takes. The threads of article 0, for one, met another
  // order than its coroutines.
  std::function<std::chrono::nanoseconds(int id)> character_latency = CharacterLatency;
  // Answers /folder/NAME with the files of this folder, and of what is below; "": with nothing.
  std::string folder = "";
  // After so many questions about books the next ones are answered by an error and a page that is
  // no JSON; negative: never. So many do; then it has recovered.
  std::int64_t books_fail_after = -1;
  std::int64_t books_failures = std::numeric_limits<std::int64_t>::max();
};

struct CourseSite {
  const CourseServerOptions options;
  std::int64_t books_asked = 0, bakery_asked = 0;
};

// REQUIRES: site outlives the answer.
Task<WebAnswer> Answer(CourseSite& site, WebRequest request);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_COURSE_PATHS_H_
