// runtime/net/course_failures.h
//
// The ways in which a server disappoints, each with a path of its own, to be met on purpose:
//
//   /broken/reset    half of the body, then the connection is reset, as by a crash
//   /broken/short    half of the body, then the connection is closed, as if that was all
//   /broken/stall    half of the body, then nothing more, and the connection stays
//   /broken/silent   not even a status
//   /broken/json     500, and a page where JSON was expected
//   /broken/loop     a redirect to a redirect to a redirect ...
//   /broken/drip     ten bytes, one a second
//
// `?after=N` says how many bytes are sent before the first three break.
//
// Threads: the server's.

#ifndef INTERLEAVE_RUNTIME_NET_COURSE_FAILURES_H_
#define INTERLEAVE_RUNTIME_NET_COURSE_FAILURES_H_

#include <string>

#include "runtime/async/task.h"
#include "runtime/net/web_server.h"

namespace interleave {

constexpr std::uint64_t kBrokenSize = 2000;  // the Content-Length of those that break in the body

// `how` is the path's last word.
Task<WebAnswer> Disappoint(std::string how, WebRequest request);

// 500 and a page.
WebAnswer NoJsonAnswer();

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_COURSE_FAILURES_H_
