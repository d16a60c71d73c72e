// runtime/net/green_thread.cc

#include "runtime/net/green_thread.h"

#include <stdexcept>

namespace interleave {

bool OnGreenThread() { return GreenFiber::Running() != nullptr; }

GreenFiber& FiberThatMayAwait() {
  GreenFiber* const fiber = GreenFiber::Running();
  if (fiber == nullptr) {
    throw std::logic_error(
        running_now.task != nullptr ? "Await in a coroutine would stop the event loop: use co_await"
        : running_now.loop != nullptr
            ? "Await in a callback would stop the event loop: SpawnGreen a function that waits"
            : "Await outside of a green thread: SpawnGreen makes one, in a running event loop");
  }
  fiber->ThrowIfUnwinding();
  return *fiber;
}

void GreenSleep(EventLoop::Duration duration, std::source_location where) {
  Await(SleepFor(duration), where);
}

void GreenYield(std::source_location where) { Await(Yield(), where); }

}  // namespace interleave
