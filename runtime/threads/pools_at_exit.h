// runtime/threads/pools_at_exit.h
//
// How it works: what happens to the jobs of a pool that nobody shuts down, because it was made with
// new, or because exit() is called while it stands, or because it was shut down without waiting.
// The process's exit waits for them. Users include thread_pool.h.
//
// It is done by a function given to std::atexit when the first pool is made, so statics that were
// there before that pool can still be used by its jobs, and those made later are gone already.

#ifndef RUNTIME_THREADS_POOLS_AT_EXIT_H_
#define RUNTIME_THREADS_POOLS_AT_EXIT_H_

#include <memory>

#include "runtime/threads/workers.h"

namespace interleave {

// Keeps the workers alive until ForgetAtExit, or until they have ended and nobody else knows them.
void WaitAtExit(std::shared_ptr<Workers> workers);
void ForgetAtExit(const std::shared_ptr<Workers>& workers);

}  // namespace interleave

#endif  // RUNTIME_THREADS_POOLS_AT_EXIT_H_
