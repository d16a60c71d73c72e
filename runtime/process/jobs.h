// runtime/process/jobs.h
//
// How it works: how a function is called in another process. An address can't be sent (another
// process may have the program elsewhere), so each function that the program submits somewhere has
// a name, and what calls it with arguments made of bytes is registered under it before main begins.
// Users include process_pool.h.
//
//   JobFor<Square>::name                       "int Square(int)"
//   JobFor<Square>::Call(arguments, result)    result << Square(<< arguments)

#ifndef INTERLEAVE_RUNTIME_PROCESS_JOBS_H_
#define INTERLEAVE_RUNTIME_PROCESS_JOBS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/process/remote_errors.h"
#include "runtime/process/serialize.h"

namespace interleave {

using JobCall = void (*)(ByteReader& arguments, ByteWriter& result);

// `name`, as it stands from now on. Two functions of one name end the program.
const std::string& RegisterJob(std::string name, JobCall call);
// Null if there is none.
JobCall FindJob(const std::string& name);

// "int Square(int)", from what the compiler says of the function's template argument.
std::string JobName(std::string_view pretty_function);

// The parts that depend on the function's type.
template <auto function, typename R, typename... Args>
struct JobParts {
  using Result = std::decay_t<R>;
  using Arguments = std::tuple<std::decay_t<Args>...>;
  static constexpr std::size_t kArguments = sizeof...(Args);

  static_assert((Serializable<std::decay_t<Args>> && ...) &&
                    (std::is_void_v<R> || Serializable<Result>),
                "this job cannot be sent to another process: it may take and give numbers, "
                "strings, containers of them, and classes with a member function serialize "
                "(serialize.h); no pointers, references, locks or threads");

  static void Write(ByteWriter& out, const std::decay_t<Args>&... each) { (out(each), ...); }

  static void Call(ByteReader& in, ByteWriter& out) {
    Arguments arguments;
    std::apply([&](auto&... each) { (in(each), ...); }, arguments);
    if constexpr (std::is_void_v<R>) {
      std::apply(function, std::move(arguments));
    } else {
      out(std::apply(function, std::move(arguments)));
    }
  }

  // Of a chunk of Map: each input has a result or an error of its own.
  static void CallForEach(ByteReader& in, ByteWriter& out) {
    std::uint64_t count = 0;
    in(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      ByteWriter result;
      try {
        Call(in, result);
      } catch (...) {
        out(false, DescribeCurrentException());
        continue;
      }
      out(true);
      out.Append(result);
    }
  }
};

template <auto function, typename Type = decltype(function)>
struct JobType;
template <auto function, typename R, typename... Args>
struct JobType<function, R (*)(Args...)> : JobParts<function, R, Args...> {};
template <auto function, typename R, typename... Args>
struct JobType<function, R (*)(Args...) noexcept> : JobParts<function, R, Args...> {};

template <auto function>
std::string NameOfJob() {
  return JobName(__PRETTY_FUNCTION__);
}

template <auto function>
struct JobFor : JobType<function> {
  static inline const std::string& name =
      RegisterJob(NameOfJob<function>(), JobType<function>::Call);
  static inline const std::string& name_for_each =
      RegisterJob("for each: " + NameOfJob<function>(), JobType<function>::CallForEach);
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_JOBS_H_
