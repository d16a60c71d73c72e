// A thread waits for a state to become `done`, and gives atomic wait the state to sleep on.
//
// Bug: it checks one load and sleeps on another. If the state becomes `done` between them, it
// sleeps while the state is `done`, and no further change comes. Fix: one load for both. Idea: the
// reference page of std::atomic::wait does it right; many first attempts do not.
#include <atomic>
#include <thread>

namespace {
constexpr int kDone = 2;
}

int main() {
  std::atomic<int> state{0};
  std::thread waiter([&] {
#ifdef FIXED
    for (int seen = state; seen != kDone; seen = state) state.wait(seen);
#else
    while (state != kDone) state.wait(state);
#endif
  });
  std::thread worker([&] {
    for (int next = 1; next <= kDone; ++next) {
      state = next;
      state.notify_all();
    }
  });
  waiter.join();
  worker.join();
  return 0;
}
