// runtime/net/green_fiber.cc

#include "runtime/net/green_fiber.h"

#include <cxxabi.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstdlib>
#include <utility>

#include "runtime/async/async_errors.h"
#include "runtime/async/event_loop.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace interleave {
namespace {

using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

constinit thread_local GreenFiber* running = nullptr;

constexpr int kRefusedPausesAtMost = 1000;

}  // namespace

GreenFiber* GreenFiber::Running() { return running; }

GreenFiber::~GreenFiber() {
  if (state_ != State::kBegun) return;
  refused_pauses_ = 0;
  Resume();
}

GreenFiber::Exceptions GreenFiber::ExchangeExceptions(Exceptions exceptions) {
  return std::exchange(*reinterpret_cast<Exceptions*>(abi::__cxa_get_globals()), exceptions);
}

void GreenFiber::Resume() {
  if (state_ == State::kNew) {
    stack_.emplace();
    paused_at_ = make_fcontext(stack_->top(), GreenStack::kBytes, &GreenFiber::Begin<transfer_t>);
    state_ = State::kBegun;
  }
  GreenFiber* const outside = std::exchange(running, this);
  const Exceptions outside_exceptions = ExchangeExceptions(exceptions_);
  SwitchIn();
  exceptions_ = ExchangeExceptions(outside_exceptions);
  running = outside;
}

template <typename Transfer>
void GreenFiber::Begin(Transfer transfer) {
  GreenFiber& self = *static_cast<GreenFiber*>(transfer.data);
  self.resumed_from_ = transfer.fctx;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &self.watched_.outside_bottom,
                                  &self.watched_.outside_size);
#endif
  self.body_();
  self.state_ = State::kEnded;
  self.SwitchOut(true);
}

void GreenFiber::Pause() {
  ThrowIfUnwinding();
  SwitchOut(false);
  ThrowIfUnwinding();
}

void GreenFiber::ThrowIfUnwinding() {
  if (refused_pauses_ < 0) return;
  if (++refused_pauses_ > kRefusedPausesAtMost) {
    EventLoop::Report(
        "a green thread whose event loop is closed catches TaskCancelled and waits again, for the "
        "thousandth time: it would never end");
    std::abort();
  }
  throw TaskCancelled("the event loop was closed");
}

// The two switches, with what the sanitizers want to know before and behind each.

void GreenFiber::SwitchIn() {
#if defined(__SANITIZE_ADDRESS__)
  void* outside_fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&outside_fake_stack, stack_->bottom(), GreenStack::kBytes);
#endif
#if defined(__SANITIZE_THREAD__)
  if (watched_.fiber == nullptr) watched_.fiber = __tsan_create_fiber(0);
  watched_.outside = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(watched_.fiber, 0);
#endif
  paused_at_ = jump_fcontext(paused_at_, this).fctx;
#if defined(__SANITIZE_THREAD__)
  if (ended()) __tsan_destroy_fiber(watched_.fiber);
#endif
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(outside_fake_stack, nullptr, nullptr);
#endif
}

void GreenFiber::SwitchOut(bool for_ever) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(for_ever ? nullptr : &watched_.fake_stack, watched_.outside_bottom,
                                 watched_.outside_size);
#else
  (void)for_ever;
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(watched_.outside, 0);
#endif
  resumed_from_ = jump_fcontext(resumed_from_, nullptr).fctx;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(watched_.fake_stack, &watched_.outside_bottom,
                                  &watched_.outside_size);
#endif
}

}  // namespace interleave
