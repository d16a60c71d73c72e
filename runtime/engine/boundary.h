// runtime/engine/boundary.h
//
// The boundary: this program defines the functions of libc through which threads wait, share and
// ask for the time. The linker prefers an executable's definition to a library's, so libstdc++,
// libcurl and the program under test all come here. Outside of a simulation each is one test and a
// call of the real one, which is the next definition behind this (dlsym RTLD_NEXT).
//
// The definitions are weak: a program under test may have a function `send` of its own.
//
//   boundary_threads.cc  pthread_create, join, names
//   boundary_thread_end.cc  pthread_exit, thread-specific values, destructors of thread_locals
//   boundary_futures.cc  what becomes ready at the end of a thread
//   boundary_exceptions.cc  exceptions with several owners
//   boundary_locks.cc    mutexes, spin locks, condition variables, futexes
//   boundary_rwlocks.cc, boundary_semaphores.cc, boundary_c11.cc
//   boundary_time.cc     clocks and sleeps
//   boundary_output.cc   write, for stdout and stderr
//   boundary_stdio.cc, boundary_messages.cc
//   boundary_files.cc    read, write, pipes, eventfd, timerfd, close
//   boundary_sockets.cc  sockets, names of hosts
//   boundary_poll.cc     poll, select, epoll
//   boundary_priorities.cc  pthread_setschedparam and the like
//   boundary_signals.cc  signals
//   boundary_processes.cc  fork, waitpid
//   boundary_ends.cc     exit, abort, terminate, faults
//   boundary_heap.cc     free, delete, munmap: a write, and the end of a piece of memory
//   boundary_abseil.cc   absl::Mutex, absl::CondVar
#ifndef INTERLEAVE_RUNTIME_ENGINE_BOUNDARY_H_
#define INTERLEAVE_RUNTIME_ENGINE_BOUNDARY_H_

#include <dlfcn.h>
#include <pthread.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "runtime/engine/inside.h"
#include "runtime/engine/thread.h"

// glibc declares its functions with attributes that are no part of their types.
#pragma GCC diagnostic ignored "-Wignored-attributes"

#define INTERLEAVE_BOUNDARY extern "C" __attribute__((weak, visibility("default")))

// Where a boundary function was called.
#define INTERLEAVE_PLACE reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

namespace interleave::engine {

// The definition behind ours. Found at first use, by whichever thread comes first: all find the
// same.
template <typename Function>
class Real {
 public:
  constexpr explicit Real(const char* name) : name_(name) {}

  template <typename... Args>
  auto operator()(Args... args) {
    Function* function = function_.load(std::memory_order_relaxed);
    if (function == nullptr) [[unlikely]]
      function = Find();
    return function(args...);
  }

 private:
  Function* Find() {
    auto* function = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name_));
    if (function == nullptr) {
      std::fprintf(stderr, "interleave: this system's C library has no %s\n", name_);
      std::abort();
    }
    function_.store(function, std::memory_order_relaxed);
    return function;
  }

  const char* name_;
  std::atomic<Function*> function_{nullptr};
};

#define INTERLEAVE_REAL(name) \
  constinit interleave::engine::Real<decltype(name)> real_##name { #name }

inline Time ToTime(const timespec& t) { return t.tv_sec * Time{1'000'000'000} + t.tv_nsec; }
inline timespec ToTimespec(Time t) { return {t / 1'000'000'000, t % 1'000'000'000}; }

// Ends the run: `call` is something that a simulation cannot do right.
[[noreturn]] void Unsupported(const char* call);

// Null: not a thread of this simulation.
Thread* ThreadOf(pthread_t handle);

// The priority that the attributes of a new thread name, if they do.
void TakePriority(const pthread_attr_t& attributes, Thread& thread);

// Called on a simulated thread. What the program has given it to do, and what is to run when that
// is over: for the end of main the destructors of thread_locals, for other threads those of
// thread-specific values (pthread_key_create), too.
void* RunThread(const StartRoutine& start);
void RunThreadExitFunctions();
void FinishThread();

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_BOUNDARY_H_
