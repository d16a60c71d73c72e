// Lab 20: a coroutine entered, left and entered again (S1.05, S4.13), by hand and without a loop.
//
// What a Task does for you is here in the open. The compiler makes the frame and a handle on it;
// the class Steps is what it has to be told, and what keeps a handle from being misused. Python's
// inspect.getcoroutinestate has the same four states.
#include <coroutine>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

using interleave::Print;

namespace {

class Steps {
 public:
  struct promise_type {
    Steps get_return_object() { return Steps(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() { return {}; }  // runs nothing at the call
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  using Handle = std::coroutine_handle<promise_type>;

  ~Steps() { frame_.destroy(); }
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  void Resume() {
    if (frame_.done()) throw std::logic_error("it has ended, there is nothing to resume");
    state_ = "running";
    frame_.resume();
    state_ = frame_.done() ? "closed" : "suspended";
  }
  const std::string& state() const { return state_; }

 private:
  explicit Steps(Handle frame) : frame_(frame) {}
  const Handle frame_;
  std::string state_ = "created";
};

Steps* coffee_maker;  // so that the coroutine can look at itself

Steps MakeCoffee() {
  int spoons = 0;  // stays in the frame
  Print("  grinds the beans, and is " + coffee_maker->state());
  ++spoons;
  co_await std::suspend_always();  // out
  Print("  fills in " + std::to_string(++spoons) + " spoons");
  co_await std::suspend_always();  // and out again
  Print("  pours");
}

std::string ByHand() {
  Steps coffee = MakeCoffee();
  coffee_maker = &coffee;
  Print("after the call: " + coffee.state());
  for (const char* which : {"first", "second", "third"}) {
    coffee.Resume();
    Print("after the " + std::string(which) + " Resume: " + coffee.state());
  }
  try {
    coffee.Resume();
  } catch (const std::logic_error& error) {
    Print(std::string("after the end: ") + error.what());
  }
  return "created, suspended, suspended, closed";
}

}  // namespace

void AddByHand(interleave::Lab& lab) {
  lab.Scenario("by_hand", ByHand)
      .Id("S1.05")
      .Id("S4.13")
      .Says("a coroutine is entered three times, and left three times")
      .Outcome("created, suspended, suspended, closed");
}
