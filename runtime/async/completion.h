// runtime/async/completion.h
//
// What a task and a future have in common: they will be done once, and some wait for that. Here is
// the part without the result's type, shared by AsyncFuture (async_future.h) and TaskHandle
// (spawn.h); nobody else needs this header.
//
//   pending --> done                      with a value or an exception
//          \--> done, cancelled           result() throws TaskCancelled
//
// Being done calls nobody: the callbacks move to the loop's ready queue, in the order in which they
// were added, and run in its next iteration. A task that waits is such a callback, too.
//
// Owners are counted, not atomically: handles belong to the loop's thread.

#ifndef INTERLEAVE_RUNTIME_ASYNC_COMPLETION_H_
#define INTERLEAVE_RUNTIME_ASYNC_COMPLETION_H_

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "runtime/async/frame_pool.h"
#include "runtime/async/ready_queue.h"

namespace interleave {

class CancelWalk;
class DoneCallbackBase;
class EventLoop;

class Completion : public Runnable, public FromFramePool {
 public:
  explicit Completion(EventLoop& loop) : loop_(&loop) {}

  EventLoop& loop() const { return *loop_; }
  bool done() const { return Has(kDone); }
  bool cancelled() const { return Has(kCancelled); }
  bool is_task() const { return Has(kTask); }

  // Makes `callback` ready when this is done; at once if it is.
  void AddCallback(Runnable& callback);
  void RemoveCallback(Runnable& callback) { callbacks_.Remove(callback); }
  // The same for a program's callback, which is to find this alive when its turn comes.
  void AddDoneCallback(DoneCallbackBase& callback);

  // False if it is done. Otherwise it will be cancelled, but for a task that catches it.
  bool Cancel(std::string message = "");
  // A part of that: cancels this, or has `walk` do so later.
  virtual bool CancelFrom(CancelWalk& walk) = 0;

  // The exception that it ended with (TaskCancelled too); null without one. Nobody needs to be told
  // of an exception that was seen.
  virtual std::exception_ptr error() const = 0;
  void MarkSeen() { Set(kSeen); }

  // The Outcome<T>.
  virtual void* outcome() = 0;

  // What it waits for by itself; for drawing who waits for whom.
  virtual void ForEachAwaited(const std::function<void(Completion&)>&) const {}
  // "<Future pending>"
  virtual std::string Text() const;
  // For drawing who waits for whom; for a task, its name.
  virtual std::string Name() const { return "Future"; }

  void Share() { ++owners_; }
  void Release() {
    if (--owners_ == 0) Destroy();
  }

 protected:
  enum Flag : std::uint16_t {
    kDone = 1,
    kCancelled = 2,
    kSeen = 4,             // somebody has had the exception, or asked for it
    kTask = 8,             // a TaskCore
    kMustCancel = 16,      // TaskCancelled is to be thrown where the task goes on
    kStarted = 32,         // the task's body has begun
    kInWalk = 64,          // a CancelWalk was here
    kExtras = 128,         // TaskCore::extras_ instead of number_
    kDoneCallbacks = 256,  // some of callbacks_ are DoneCallbackBases
  };
  bool Has(Flag flag) const { return (flags_ & flag) != 0; }
  void Set(Flag flag) { flags_ |= flag; }
  void Clear(Flag flag) { flags_ &= static_cast<std::uint16_t>(~flag); }

  // REQUIRES: not done.
  void Complete(bool cancelled);
  // It will never be done.
  void DropCallbacks();

  std::uint32_t owners_ = 0;
  std::uint16_t flags_ = 0;
  std::uint16_t cancel_requests_ = 0;  // of a task: cancelled, and not taken back

 private:
  void ReportUnseen();
  void Destroy();

  EventLoop* loop_;
  RunnableList callbacks_;  // empty once done
};

// A share in a Completion or what derives from it.
template <typename State>
class SharedState {
 public:
  SharedState() = default;
  explicit SharedState(State* state) : state_(state) {
    if (state_ != nullptr) state_->Share();
  }
  SharedState(const SharedState& other) : SharedState(other.state_) {}
  SharedState(SharedState&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  SharedState& operator=(SharedState other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~SharedState() {
    if (state_ != nullptr) state_->Release();
  }
  State* get() const { return state_; }
  State* operator->() const { return state_; }
  State& operator*() const { return *state_; }

 private:
  State* state_ = nullptr;
};

// It has a share in its Completion from when that is done. Not before: what nobody can complete any
// more is to go, and its callbacks with it.
class DoneCallbackBase : public Runnable {
 public:
  explicit DoneCallbackBase(Completion& of) : of_(of) {}
  void Keep() { kept_ = SharedState<Completion>(&of_); }

 protected:
  Completion& of_;

 private:
  SharedState<Completion> kept_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_COMPLETION_H_
