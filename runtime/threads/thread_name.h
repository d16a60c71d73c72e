// runtime/threads/thread_name.h
//
// A log that says "Thread-4 waits for ThreadPoolExecutor-0_1" can be read; one that says
// "139911581454400 waits for 139911573061696" cannot. So threads get names:
//
//   std::thread worker([] {
//     SetThreadName("ThreadPoolExecutor-0_1");
//     std::cout << ThreadName() << ": started\n";    // ThreadPoolExecutor-0_1: started
//   });
//
// The kernel keeps a name as well, which top, gdb and /proc show, but 15 bytes of it at most. A
// longer one is kept here in full, and the kernel gets its end ("oolExecutor-0_1"): the beginning
// is the same for all workers of a pool, the end tells them apart.
//
// Threads: both functions are about the calling thread and may be called from any.

#ifndef RUNTIME_THREADS_THREAD_NAME_H_
#define RUNTIME_THREADS_THREAD_NAME_H_

#include <string>
#include <string_view>

namespace interleave {

// Names the calling thread, here and in the kernel.
void SetThreadName(std::string_view name);

// The calling thread's name. The process's first thread is MainThread until somebody names it; any
// other thread that nobody named becomes Thread-1, Thread-2, ... in the order in which they first
// ask, and keeps that. In a simulation an unnamed thread has the name that its reports say, which
// is the same in every run.
std::string ThreadName();

}  // namespace interleave

#endif  // RUNTIME_THREADS_THREAD_NAME_H_
