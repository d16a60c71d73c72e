// runtime/net/request_target.h
//
// What stands between GET and HTTP/1.1, taken apart:
//
//   "/files/caf%C3%A9.txt?size=10&rate=5"
//     path   "/files/café.txt"
//     query  size = "10", rate = "5"
//
// Whoever asks may write anything there, so this is where a server is attacked first. Splitting
// comes before decoding, or a "%2f" or "%26" within a name would divide it. A target is refused as
// a whole if anything in it is doubtful: a half escape, a control character, a NUL (which would end
// the name for the kernel and not for us), escaped or not.
//
// Threads: a function.

#ifndef INTERLEAVE_RUNTIME_NET_REQUEST_TARGET_H_
#define INTERLEAVE_RUNTIME_NET_REQUEST_TARGET_H_

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace interleave {

struct RequestTarget {
  std::string path;                                        // begins with '/'
  std::vector<std::pair<std::string, std::string>> query;  // in its order

  // The first of that name.
  std::optional<std::string> Query(std::string_view name) const;
};

// what() is a sentence for who asked: "'%zz' is no escape; it is % and two hexadecimal digits".
class BadTarget : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

// Takes "/path?query" and, as a proxy is asked, "http://host/path?query".
// Throws: BadTarget.
RequestTarget ParseTarget(std::string_view target);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_REQUEST_TARGET_H_
