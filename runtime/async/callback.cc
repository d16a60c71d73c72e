// runtime/async/callback.cc

#include "runtime/async/callback.h"

#include <exception>
#include <utility>

#include "runtime/async/async_errors.h"
#include "runtime/async/event_loop.h"

namespace interleave {

void Callback::Run() {
  if (!cancelled_) {
    const Handle keep(this);
    being_called_ = true;
    try {
      Call();
    } catch (const Interrupted&) {
      being_called_ = false;
      Release();  // the queue's share
      throw;
    } catch (...) {
      loop_.CallExceptionHandler({"Exception in callback", std::current_exception(), ""});
    }
    being_called_ = false;
    if (cancelled_) Clear();
  }
  Release();
}

void Callback::Cancel() {
  if (std::exchange(cancelled_, true)) return;
  if (!being_called_) Clear();
  if (armed()) {
    loop_.Disarm(*this);
    Release();  // the heap's share
  }
}

}  // namespace interleave
