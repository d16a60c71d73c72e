// runtime/async/gather.h
//
// Many at once, and their results in the order of the arguments, whoever is done first:
//
//   auto [page, count] = co_await Gather(Fetch(url), Count(file));        // a tuple
//   std::vector<int> sizes = co_await Gather(std::move(tasks));           // of a vector of Tasks
//
// Coroutines are spawned at once, in order, whether or not the gather is awaited. If one fails, the
// gather fails with its exception at once, and the others go on; what they throw later is ignored.
// GatherSettled waits for all and gives an Outcome for each instead. Of Task<void> a tuple has
// std::monostate, and a vector gives nothing.
//
// Cancellation: cancelling who awaits it cancels every child. A child that is cancelled by itself
// makes the gather fail with TaskCancelled.

#ifndef INTERLEAVE_RUNTIME_ASYNC_GATHER_H_
#define INTERLEAVE_RUNTIME_ASYNC_GATHER_H_

#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/async/async_future.h"
#include "runtime/async/spawn.h"

namespace interleave {

// ---- How it works -----------------------------------------------------------

// A future that is completed by the callbacks of its children.
template <typename R>
class GatherState final : public AsyncFutureState<R> {
 public:
  using Children = std::vector<SharedState<Completion>>;
  using Collect = std::function<R(const Children&)>;

  GatherState(EventLoop& loop, Children children, bool settle, Collect collect)
      : AsyncFutureState<R>(loop),
        children_(std::move(children)),
        callbacks_(children_.size()),
        settle_(settle),
        collect_(std::move(collect)) {}

  void Begin() {
    this->Share();  // until all children are done, so that nothing of them is forgotten
    for (std::size_t i = 0; i < children_.size(); ++i) {
      callbacks_[i].gather = this;
      callbacks_[i].child = children_[i].get();
      this->Share();
      children_[i]->AddCallback(callbacks_[i]);
    }
    if (children_.empty()) CompleteWith();
    this->Release();
  }

  bool CancelFrom(CancelWalk& walk) override {
    if (this->done()) return false;
    bool accepted = false;
    for (const auto& child : children_) accepted = child->CancelFrom(walk) || accepted;
    cancel_requested_ = cancel_requested_ || accepted;
    return accepted;
  }
  void ForEachAwaited(const std::function<void(Completion&)>& visit) const override {
    for (const auto& child : children_) {
      if (!child->done()) visit(*child);
    }
  }
  std::string Name() const override { return "Gather"; }

 private:
  struct ChildDone final : Runnable {
    GatherState* gather = nullptr;
    Completion* child = nullptr;
    void Run() override {
      gather->Note(*child);
      gather->Release();
    }
    void Drop() override { gather->Release(); }
  };

  void Note(Completion& child) {
    child.MarkSeen();
    ++finished_;
    if (this->done()) return;
    if (!settle_ && child.error() != nullptr) {
      this->SetException(child.error());
    } else if (finished_ == children_.size()) {
      CompleteWith();
    }
  }

  void CompleteWith() {
    if (cancel_requested_) {
      this->SetException(std::make_exception_ptr(TaskCancelled()));
    } else if constexpr (std::is_void_v<R>) {
      this->SetResult();
    } else {
      this->SetResult(collect_(children_));
    }
  }

  const Children children_;
  std::vector<ChildDone> callbacks_;  // one per child
  const bool settle_;
  const Collect collect_;
  std::size_t finished_ = 0;
  bool cancel_requested_ = false;
};

template <typename R>
AsyncFuture<R> StartGather(typename GatherState<R>::Children children, bool settle,
                           typename GatherState<R>::Collect collect) {
  EventLoop& loop = EventLoop::Current();
  auto& state = *new GatherState<R>(loop, std::move(children), settle, std::move(collect));
  const AsyncFuture<R> future(state);
  state.Begin();
  return future;
}

// What stands for a void.
template <typename T>
using ValueOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <typename T>
ValueOf<T> TakeValue(Completion& child) {
  auto& outcome = *static_cast<Outcome<T>*>(child.outcome());
  if constexpr (std::is_void_v<T>) {
    outcome.value();
    return std::monostate();
  } else if constexpr (std::is_copy_constructible_v<T>) {
    return outcome.value();
  } else {
    return std::move(outcome.value());
  }
}

template <typename T>
Outcome<T> TakeOutcome(Completion& child) {
  Outcome<T> settled;
  if (const std::exception_ptr error = child.error(); error != nullptr) {
    settled.SetError(error);
  } else if constexpr (!std::is_void_v<T>) {
    settled.SetValue(TakeValue<T>(child));
  }
  return settled;
}

template <typename Awaited>
using ResultOf = typename std::remove_cvref_t<Awaited>::Result;

template <typename Awaited>
concept Gatherable = requires(Awaited awaited) {
  EnsureFuture(std::move(awaited));
};

template <typename Awaited>
typename GatherState<void>::Children StartAll(std::vector<Awaited> all) {
  typename GatherState<void>::Children children;
  children.reserve(all.size());
  for (Awaited& one : all) children.emplace_back(&EnsureFuture(std::move(one)).state());
  return children;
}

// ---- The functions ----------------------------------------------------------

template <Gatherable... Awaited>
AsyncFuture<std::tuple<ValueOf<ResultOf<Awaited>>...>> Gather(Awaited... awaited) {
  using R = std::tuple<ValueOf<ResultOf<Awaited>>...>;
  typename GatherState<R>::Children children;
  (children.emplace_back(&EnsureFuture(std::move(awaited)).state()), ...);
  return StartGather<R>(std::move(children), false, [](const auto& done) {
    return [&]<std::size_t... i>(std::index_sequence<i...>) {
      return R{TakeValue<ResultOf<Awaited>>(*done[i])...};
    }
    (std::index_sequence_for<Awaited...>());
  });
}

template <Gatherable Awaited>
auto Gather(std::vector<Awaited> all) {
  using T = ResultOf<Awaited>;
  if constexpr (std::is_void_v<T>) {
    return StartGather<void>(StartAll(std::move(all)), false, [](const auto&) {});
  } else {
    return StartGather<std::vector<T>>(StartAll(std::move(all)), false, [](const auto& done) {
      std::vector<T> values;
      values.reserve(done.size());
      for (const auto& child : done) values.push_back(TakeValue<T>(*child));
      return values;
    });
  }
}

template <Gatherable... Awaited>
AsyncFuture<std::tuple<Outcome<ResultOf<Awaited>>...>> GatherSettled(Awaited... awaited) {
  using R = std::tuple<Outcome<ResultOf<Awaited>>...>;
  typename GatherState<R>::Children children;
  (children.emplace_back(&EnsureFuture(std::move(awaited)).state()), ...);
  return StartGather<R>(std::move(children), true, [](const auto& done) {
    return [&]<std::size_t... i>(std::index_sequence<i...>) {
      return R{TakeOutcome<ResultOf<Awaited>>(*done[i])...};
    }
    (std::index_sequence_for<Awaited...>());
  });
}

template <Gatherable Awaited>
AsyncFuture<std::vector<Outcome<ResultOf<Awaited>>>> GatherSettled(std::vector<Awaited> all) {
  using T = ResultOf<Awaited>;
  return StartGather<std::vector<Outcome<T>>>(StartAll(std::move(all)), true, [](const auto& done) {
    std::vector<Outcome<T>> outcomes;
    for (const auto& child : done) {
      outcomes.push_back(TakeOutcome<T>(*child));
    }
    return outcomes;
  });
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_GATHER_H_
