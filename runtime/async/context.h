// runtime/async/context.h
//
// A value that belongs to a conversation and not to a thread: the request's id, which a log line
// deep below wants to show. A global is shared by all conversations, and so is a thread_local, when
// one thread looks after all of them. A ContextVar has a value per task:
//
//   ContextVar<std::string> request("-");
//
//   Task<void> Serve(std::string id) {
//     request.Set(id);
//     co_await Answer();              // sees id, and so do the tasks that it spawns
//   }
//
// A task begins with the values of the one that spawned it, and what it sets it sets for itself
// only. Offload takes the values along to the pool's thread.
//
// Threads: a ContextVar may be used on any. Outside of a task a thread has values of its own.

#ifndef INTERLEAVE_RUNTIME_ASYNC_CONTEXT_H_
#define INTERLEAVE_RUNTIME_ASYNC_CONTEXT_H_

#include <map>
#include <memory>
#include <utility>

namespace interleave {

// All values of a task, by the address of their variable. It is never changed, only replaced, so it
// can be handed on without a copy. Null: nothing was set.
using ContextValues = std::map<const void*, std::shared_ptr<void>>;
using Context = std::shared_ptr<const ContextValues>;

// Of the task or thread that runs.
const Context& CurrentContext();
// Returns the one before.
Context ExchangeContext(Context context);

// Makes `context` the current one for a block.
class ContextScope {
 public:
  explicit ContextScope(Context context) : before_(ExchangeContext(std::move(context))) {}
  ~ContextScope() { ExchangeContext(std::move(before_)); }
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  Context before_;
};

// REQUIRES: outlives the tasks that use it.
template <typename T>
class ContextVar {
 public:
  explicit ContextVar(T otherwise = T()) : otherwise_(std::move(otherwise)) {}
  ContextVar(const ContextVar&) = delete;
  ContextVar& operator=(const ContextVar&) = delete;

  // What was set, or what the constructor was given.
  T Get() const {
    const Context& context = CurrentContext();
    if (context == nullptr) return otherwise_;
    const auto found = context->find(this);
    return found == context->end() ? otherwise_ : *static_cast<const T*>(found->second.get());
  }

  void Set(T value) {
    const Context& context = CurrentContext();
    auto changed = context == nullptr ? std::make_shared<ContextValues>()
                                      : std::make_shared<ContextValues>(*context);
    (*changed)[this] = std::make_shared<T>(std::move(value));
    ExchangeContext(std::move(changed));
  }

 private:
  const T otherwise_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_CONTEXT_H_
