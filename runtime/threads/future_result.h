// runtime/threads/future_result.h
//
// How it works: the part of a future's state that knows the type of the value, and the pointer that
// counts its owners. Users include future.h.

#ifndef RUNTIME_THREADS_FUTURE_RESULT_H_
#define RUNTIME_THREADS_FUTURE_RESULT_H_

#include <compare>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "runtime/threads/future_errors.h"
#include "runtime/threads/future_state.h"

namespace interleave {

// Owns a share of a state. A std::shared_ptr would be twice as large, and the state would need a
// second count for weak ones.
template <typename State>
class StatePointer {
 public:
  StatePointer() = default;
  explicit StatePointer(State* state) : state_(state) {}  // takes over the caller's share
  StatePointer(StatePointer&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  StatePointer(const StatePointer& other) : state_(other.state_) {
    if (state_ != nullptr) state_->AddOwner();
  }
  StatePointer& operator=(StatePointer other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~StatePointer() {
    if (state_ != nullptr) state_->RemoveOwner();
  }

  State* get() const { return state_; }
  State* operator->() const { return state_; }
  explicit operator bool() const { return state_ != nullptr; }
  friend auto operator<=>(const StatePointer&, const StatePointer&) = default;

 private:
  State* state_ = nullptr;
};

template <typename T>
class FutureResult : public FutureState {
 public:
  using FutureState::FutureState;

  template <typename... Value>
  void SetValue(Value&&... value) {
    Lock lock(mutex_);
    CheckNotCompleted();
    value_.emplace(std::forward<Value>(value)...);
    Finish(std::move(lock));
  }

  // Throw what the work threw; Cancelled; InvalidState. REQUIRES: it has completed.
  T Value() const {
    std::lock_guard lock(mutex_);
    CheckValueIsHere();
    if constexpr (std::is_reference_v<T>) {
      return value_->get();
    } else if constexpr (!std::is_void_v<T>) {
      return *value_;
    }
  }
  T TakeValue() {
    std::lock_guard lock(mutex_);
    CheckValueIsHere();
    if constexpr (std::is_reference_v<T>) {
      return value_->get();
    } else if constexpr (!std::is_void_v<T>) {
      T taken = std::move(*value_);
      value_.reset();
      return taken;
    }
  }

 protected:
  // REQUIRES: only the caller may complete the state, and has not yet done so.
  template <typename Function>
  void KeepResultOf(Function&& function) {
    if constexpr (std::is_void_v<T>) {
      std::forward<Function>(function)();
      value_.emplace();
    } else {
      value_.emplace(std::forward<Function>(function)());
    }
  }

 private:
  template <typename Value>
  struct Holder {
    using Type = Value;
  };
  template <typename Value>
  struct Holder<Value&> {
    using Type = std::reference_wrapper<Value>;
  };
  using Held = typename Holder<std::conditional_t<std::is_void_v<T>, std::monostate, T>>::Type;

  void CheckValueIsHere() const {
    CheckHasValue();
    if (!value_) throw InvalidState("the value was taken out of the future");
  }

  std::optional<Held> value_;
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_FUTURE_RESULT_H_
