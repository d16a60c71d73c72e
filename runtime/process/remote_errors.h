// runtime/process/remote_errors.h
//
// Exceptions that come from another process. The object can't be sent, so it is told: its type, its
// text, and the place of the program where it was thrown. A registered type is thrown again as
// itself, with the rest as its cause (std::nested_exception):
//
//   try {
//     pool.Submit<Parse>("1,5").Get();
//   } catch (const std::invalid_argument& error) {
//     std::cout << error.what();         // no comma, please
//     std::cout << RemotePlace(error);   // numbers.cc:12 in ForkProcess-1
//   }
//
// Those of <stdexcept> are registered. For one of your own:
//
//   const bool registered = RegisterException<ParseError>();      // outside of functions
//
// if it can be made of its text, or has a member function serialize. All others, and what is no
// std::exception, arrive as RemoteError.
//
// Threads: any may do anything here; registering comes before the first worker.

#ifndef INTERLEAVE_RUNTIME_PROCESS_REMOTE_ERRORS_H_
#define INTERLEAVE_RUNTIME_PROCESS_REMOTE_ERRORS_H_

#include <sys/types.h>

#include <concepts>
#include <exception>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <utility>

#include "runtime/process/serialize.h"
#include "runtime/threads/future_errors.h"

namespace interleave {

// A worker has ended, or talks nonsense: what was queued or running is lost, and the pool with it.
class BrokenProcessPool : public BrokenExecutor {
 public:
  // `how`: "was ended by SIGKILL".
  BrokenProcessPool(std::string worker, pid_t pid, std::string signal, const std::string& how,
                    std::size_t lost_jobs);

  const std::string& worker() const { return worker_; }  // its name
  pid_t pid() const { return pid_; }
  const std::string& signal() const { return signal_; }  // "SIGKILL"; "" if it was none
  std::size_t lost_jobs() const { return lost_jobs_; }   // all that had no result yet

 private:
  std::string worker_;
  pid_t pid_;
  std::string signal_;
  std::size_t lost_jobs_;
};

// Of a type that nobody has registered.
class RemoteError : public std::runtime_error {
 public:
  RemoteError(std::string type, std::string text, std::string place);

  const std::string& type() const { return type_; }    // "MyError"
  const std::string& text() const { return text_; }    // its what()
  const std::string& place() const { return place_; }  // "numbers.cc:12 in ForkProcess-1"

 private:
  std::string type_, text_, place_;
};

// Where an exception of a registered type, or a RemoteError, was thrown in its process; "" if it
// was thrown in this one.
std::string RemotePlace(const std::exception& error);

template <std::derived_from<std::exception> E>
bool RegisterException();

// ---- How it works ----

// What stands for an exception on its way.
struct RemoteException {
  std::string key;   // of the type, as the compiler names it
  std::string type;  // as a reader does
  std::string text;
  std::string place;      // "numbers.cc:12", as far as it is known
  std::string arguments;  // for one with serialize
  template <typename Archive>
  void serialize(Archive& archive) {
    archive(key, type, text, place, arguments);
  }
};

// In a handler: of the exception that is being handled.
RemoteException DescribeCurrentException();
// The exception again, of its own type if that is registered.
std::exception_ptr MakeException(const RemoteException& told, const std::string& worker);

struct ExceptionType {
  void (*save)(const std::exception& error, std::string& arguments);
  void (*raise)(const RemoteException& told);  // with the current exception as its cause
};
bool RegisterExceptionType(const std::type_info& type, ExceptionType how);

template <std::derived_from<std::exception> E>
bool RegisterException() {
  static_assert(Serializable<E> || std::constructible_from<E, std::string>,
                "an exception that is to be thrown again must have a constructor from its text, or "
                "a member function serialize");
  static_assert(!std::is_final_v<E>, "a final exception can have no cause");
  if constexpr (Serializable<E>) {
    return RegisterExceptionType(typeid(E),
                                 {.save =
                                      [](const std::exception& error, std::string& arguments) {
                                        ByteWriter writer;
                                        writer(dynamic_cast<const E&>(error));
                                        arguments = writer.bytes();
                                      },
                                  .raise =
                                      [](const RemoteException& told) {
                                        ByteReader reader(told.arguments);
                                        E error;
                                        reader(error);
                                        std::throw_with_nested(std::move(error));
                                      }});
  } else {
    return RegisterExceptionType(
        typeid(E),
        {.save = [](const std::exception&, std::string&) {},
         .raise = [](const RemoteException& told) { std::throw_with_nested(E(told.text)); }});
  }
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_REMOTE_ERRORS_H_
