// runtime/net/net_errors.h
//
// What a connection can do to a program, one type each, so that a program can tell what it means to
// survive. All of them are failures of work: std::runtime_error with a sentence that names the
// other side.
//
//   ConnectionError            the connection is not, or is no more
//     ConnectionRefused          nobody listens there
//     ConnectionReset            the other side broke it off, or closed it while we were sending
//     NameNotFound               the host's name stands for no address
//   IncompleteRead             it ended in order, before what was asked for was there
//   LineTooLong                no end of the line within the limit
//
// Too late is TimedOut, of runtime/threads.

#ifndef INTERLEAVE_RUNTIME_NET_NET_ERRORS_H_
#define INTERLEAVE_RUNTIME_NET_NET_ERRORS_H_

#include <stdexcept>
#include <string>
#include <utility>

namespace interleave {

class ConnectionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class ConnectionRefused : public ConnectionError {
 public:
  using ConnectionError::ConnectionError;
};

class ConnectionReset : public ConnectionError {
 public:
  using ConnectionError::ConnectionError;
};

class NameNotFound : public ConnectionError {
 public:
  using ConnectionError::ConnectionError;
};

class IncompleteRead : public std::runtime_error {
 public:
  IncompleteRead(const std::string& what, std::string partial)
      : std::runtime_error(what), partial_(std::move(partial)) {}
  // What came before the end.
  const std::string& partial() const { return partial_; }

 private:
  std::string partial_;
};

class LineTooLong : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The one of the classes above that fits `error`, an errno. `what` names the other side:
// "cannot connect to 127.0.0.1:80" becomes "cannot connect to 127.0.0.1:80: Connection refused".
[[noreturn]] void ThrowConnectionError(const std::string& what, int error);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_NET_ERRORS_H_
