// runtime/net/descriptor_limit.cc

#include "runtime/net/descriptor_limit.h"

#include <sys/resource.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace interleave {
namespace {

rlimit Limit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    throw std::system_error(errno, std::generic_category(), "RLIMIT_NOFILE");
  }
  return limit;
}

}  // namespace

std::size_t DescriptorLimit() { return Limit().rlim_cur; }

void NeedDescriptors(std::size_t count) {
  rlimit limit = Limit();
  if (limit.rlim_cur >= count) return;
  if (limit.rlim_max >= count) {
    limit.rlim_cur = count;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  }
  throw std::runtime_error(std::to_string(count) +
                           " descriptors are needed, and RLIMIT_NOFILE is " +
                           std::to_string(limit.rlim_max) + " at most (ulimit -Hn)");
}

}  // namespace interleave
