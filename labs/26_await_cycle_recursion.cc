// Lab 26, two coroutines that await each other: each call makes a new one, nobody ever waits, and a
// limit ends it.
#include <exception>
#include <stdexcept>
#include <string>

#include "runtime/async/event_loop.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

using interleave::EventLoop;
using interleave::Print;
using interleave::Run;
using interleave::Task;

namespace {

int calls;

Task<void> Boo();

Task<void> Foo() {
  ++calls;
  co_await Boo();
}

Task<void> Boo() {
  ++calls;
  co_await Foo();
}

void PrintError(const std::string& who, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::runtime_error& exception) {
    std::string what = exception.what();
    Print(who + ": " + what.replace(what.find(": ") + 1, 1, "\n  "));
  }
}

Task<std::string> Recursion() {
  EventLoop::Current().SetAwaitDepthLimit(1000);
  calls = 0;
  const auto [foo, boo] = co_await GatherSettled(Foo(), Boo());
  PrintError("foo", foo.error());
  PrintError("boo", boo.error());
  co_return std::to_string(calls) + " calls";
}

}  // namespace

void AddRecursion(interleave::Lab& lab) {
  lab.Scenario("recursion", [] { return Run(Recursion()); })
      .Id("S2.10")
      .Says("foo awaits boo, boo awaits foo, both gathered: no deadlock, a recursion")
      .Outcome("2002 calls", "two chains of a thousand awaits; nobody ever waited.");
}
