// runtime/async/ps.h
//
// What is everybody doing? Like ps for processes, for the tasks of a loop:
//
//   Task-1  Crawl (crawler.cc:31): Gather pending
//     Task-2  Fetch (crawler.cc:12) > Connect (net.cc:80): sleep
//     Task-3  Fetch (crawler.cc:12): ready
//   heartbeat  Beat (crawler.cc:44): sleep
//
// A task stands under the one that waits for it; then come its coroutines with the lines at which
// they stand, the first one called first, and what it waits for.

#ifndef INTERLEAVE_RUNTIME_ASYNC_PS_H_
#define INTERLEAVE_RUNTIME_ASYNC_PS_H_

#include <string>

#include "runtime/async/event_loop.h"

namespace interleave {

// One line per task that is not done. Threads: the loop's own.
std::string Ps(EventLoop& loop);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_PS_H_
