// runtime/async/outcome.h
//
// How something ended: with a value, or with an exception. Tasks and futures carry one inside;
// GatherSettled gives them out, where the failure of one must not hide the results of the others:
//
//   for (Outcome<int>& outcome : co_await GatherSettled(std::move(lookups))) {
//     if (outcome.has_value()) Print(outcome.value());
//   }

#ifndef INTERLEAVE_RUNTIME_ASYNC_OUTCOME_H_
#define INTERLEAVE_RUNTIME_ASYNC_OUTCOME_H_

#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

namespace interleave {

template <typename T>
class Outcome {
  static_assert(!std::is_reference_v<T>,
                "a task or a future gives a value; to give a reference, return a pointer");

 public:
  bool has_value() const { return state_.index() == 1; }
  bool has_error() const { return state_.index() == 2; }
  // Null if there is a value.
  std::exception_ptr error() const {
    return state_.index() == 2 ? std::get<2>(state_) : std::exception_ptr();
  }
  // Throws the exception if there is one. REQUIRES: value or error was set.
  T& value() & {
    if (state_.index() == 2) std::rethrow_exception(std::get<2>(state_));
    return std::get<1>(state_);
  }
  T value() && { return std::move(value()); }
  const T& value() const& { return const_cast<Outcome*>(this)->value(); }

  template <typename... Args>
  void SetValue(Args&&... args) {
    state_.template emplace<1>(std::forward<Args>(args)...);
  }
  void SetError(std::exception_ptr error) { state_.template emplace<2>(std::move(error)); }

 private:
  std::variant<std::monostate, T, std::exception_ptr> state_;
};

// No value to keep, so nothing but the exception is kept: without one it ended well.
template <>
class Outcome<void> {
 public:
  bool has_value() const { return error_ == nullptr; }
  bool has_error() const { return error_ != nullptr; }
  std::exception_ptr error() const { return error_; }
  void value() const {
    if (error_ != nullptr) std::rethrow_exception(error_);
  }
  void SetValue() {}
  void SetError(std::exception_ptr error) { error_ = std::move(error); }

 private:
  std::exception_ptr error_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_OUTCOME_H_
