// runtime/threads/thread_name.cc

#include "runtime/threads/thread_name.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace interleave {
namespace {

constexpr std::size_t kKernelLimit = 15;

thread_local std::string own_name;  // empty: not named yet, and never asked

// Statics are initialised on the process's first thread, before main().
[[maybe_unused]] const bool first_thread_is_named = [] {
  own_name = "MainThread";
  return true;
}();

// A simulation has many threads on one of the kernel's, and names of its own for them: then the
// library does not say what the kernel says. Empty: it does.
std::string SimulatedName() {
  char kernels[kKernelLimit + 1] = "", librarys[256] = "";
  syscall(SYS_prctl, PR_GET_NAME, kernels);
  pthread_getname_np(pthread_self(), librarys, sizeof librarys);
  return std::strcmp(kernels, librarys) == 0 ? "" : librarys;
}

}  // namespace

void SetThreadName(std::string_view name) {
  own_name = name;
  // Whole first: the limit is the kernel's, and the function may be somebody else's.
  if (pthread_setname_np(pthread_self(), own_name.c_str()) == ERANGE) {
    const std::string end = own_name.substr(own_name.size() - kKernelLimit);
    pthread_setname_np(pthread_self(), end.c_str());
  }
}

std::string ThreadName() {
  static std::atomic<int> unnamed_threads = 0;
  if (own_name.empty()) own_name = SimulatedName();
  if (own_name.empty()) own_name = "Thread-" + std::to_string(++unnamed_threads);
  return own_name;
}

}  // namespace interleave
