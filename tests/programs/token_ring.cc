// Three stations hand a token on: each copies what the one before it has, the first adds one.
//
// Bug: nothing makes them take turns. If they run in another order than 1, 2, 3, they end with
// different tokens.
// Fix: each station waits for the turn of the one before.
// Idea: "token_ring" of SCTBench.
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

struct Ring {
  std::mutex mutex;
  std::condition_variable moved;
  int turn = 0;
  int token[3] = {0, 0, 0};

  void Station(int me) {
    std::unique_lock lock(mutex);
#ifdef FIXED
    moved.wait(lock, [&] { return turn == me; });
#endif
    token[me] = me == 0 ? token[2] + 1 : token[me - 1];
    ++turn;
    moved.notify_all();
  }
};

}  // namespace

int main() {
  Ring ring;
  std::thread first([&] { ring.Station(0); });
  std::thread second([&] { ring.Station(1); });
  std::thread third([&] { ring.Station(2); });
  first.join();
  second.join();
  third.join();
  assert(ring.token[0] == 1 && ring.token[1] == 1 && ring.token[2] == 1);
  return 0;
}
