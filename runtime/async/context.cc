// runtime/async/context.cc

#include "runtime/async/context.h"

#include "runtime/async/suspension.h"

namespace interleave {
namespace {

thread_local Context current;

}  // namespace

const Context& CurrentContext() { return current; }

Context ExchangeContext(Context context) {
  std::swap(current, context);
  running_now.has_context = current != nullptr;
  return context;
}

}  // namespace interleave
