// runtime/async/callback.h
//
// What CallSoon, CallLater and their like return: a handle on a callback that waits for its turn,
// good for calling it off.
//
//   Handle handle = loop.CallLater(5s, [] { Print("five seconds are over"); });
//   handle.Cancel();                   // never called; what the lambda captured is gone at once
//
// A handle may be dropped, which changes nothing for the callback.
//
// Threads: a handle belongs to its loop's thread.

#ifndef INTERLEAVE_RUNTIME_ASYNC_CALLBACK_H_
#define INTERLEAVE_RUNTIME_ASYNC_CALLBACK_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "runtime/async/frame_pool.h"
#include "runtime/async/timer_heap.h"

namespace interleave {

class EventLoop;

// How it works: what a handle points to. The loop and the handles share it by counting.
class Callback : public Timer, public FromFramePool {
 public:
  explicit Callback(EventLoop& loop) : loop_(loop) {}
  void Run() override;
  void Drop() override { Release(); }
  void Cancel();
  bool cancelled() const { return cancelled_; }

  void Share() { ++owners_; }
  void Release() {
    if (--owners_ == 0) delete this;
  }

 protected:
  virtual void Call() = 0;
  // Destroys the function and what it captured.
  virtual void Clear() = 0;

 private:
  EventLoop& loop_;
  std::uint32_t owners_ = 0;
  bool cancelled_ = false;
  bool being_called_ = false;
};

template <typename Function>
class CallbackOf final : public Callback {
 public:
  template <typename F>
  CallbackOf(EventLoop& loop, F&& function)
      : Callback(loop), function_(std::forward<F>(function)) {}

 protected:
  void Call() override { (*function_)(); }
  void Clear() override { function_.reset(); }

 private:
  std::optional<Function> function_;
};

class Handle {
 public:
  Handle() = default;  // of nothing; cancelled
  explicit Handle(Callback* callback) : callback_(callback) {
    if (callback_ != nullptr) callback_->Share();
  }
  Handle(const Handle& other) : Handle(other.callback_) {}
  Handle(Handle&& other) noexcept : callback_(std::exchange(other.callback_, nullptr)) {}
  Handle& operator=(Handle other) noexcept {
    std::swap(callback_, other.callback_);
    return *this;
  }
  ~Handle() {
    if (callback_ != nullptr) callback_->Release();
  }

  // The callback won't be called, and is destroyed at once. Does nothing if that has happened or it
  // was called.
  void Cancel() {
    if (callback_ != nullptr) callback_->Cancel();
  }
  bool cancelled() const { return callback_ == nullptr || callback_->cancelled(); }

  // For the loop; null if it is of nothing.
  Callback* get() const { return callback_; }

 private:
  Callback* callback_ = nullptr;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_CALLBACK_H_
