// runtime/net/net_errors.cc

#include "runtime/net/net_errors.h"

#include <cerrno>
#include <system_error>

namespace interleave {

void ThrowConnectionError(const std::string& what, int error) {
  const std::string text = what + ": " + std::generic_category().message(error);
  switch (error) {
    case ECONNREFUSED:
      throw ConnectionRefused(text);
    case ECONNRESET:
    case EPIPE:
      throw ConnectionReset(text);
    default:
      throw ConnectionError(text);
  }
}

}  // namespace interleave
