// Two servers are asked; whichever answers first keeps the promise.
//
// Bug: "is it set already?" and "set it" are two steps. Both see no, both set, and the second
// set_value throws.
// Fix: one exchange decides who may.
// Idea: "first of N" in every futures tutorial; [futures.promise] promise_already_satisfied.
#include <atomic>
#include <cassert>
#include <future>
#include <thread>

int main() {
  std::promise<int> answer;
  std::atomic<bool> answered{false};
  auto ask = [&](int server) {
#ifdef FIXED
    if (answered.exchange(true)) return;
#else
    if (answered) return;
    answered = true;
#endif
    answer.set_value(server);
  };
  std::thread first(ask, 1), second(ask, 2);
  int got = answer.get_future().get();
  first.join();
  second.join();
  assert(got == 1 || got == 2);
  return 0;
}
