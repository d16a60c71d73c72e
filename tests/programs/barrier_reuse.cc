// Two threads meet at a barrier of their own making, after each of two rounds.
//
// Bug: the last to come empties the barrier for the next round. Before the other is awake, the
// first can have come again, and its count is what the other sees: it sleeps on, and both wait.
// Fix: a sleeper waits for its round to be over, not for a count.
// Idea: Downey, "The Little Book of Semaphores", 3.7; why barriers have a generation or two phases.
#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

class Barrier {
 public:
  void ArriveAndWait() {
    std::unique_lock lock(mutex_);
    [[maybe_unused]] int mine = round_;
    if (++here_ == 2) {
      here_ = 0;
      ++round_;
      all_here_.notify_all();
      return;
    }
#ifdef FIXED
    while (round_ == mine) all_here_.wait(lock);
#else
    while (here_ != 0) all_here_.wait(lock);
#endif
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_here_;
  int here_ = 0;
  int round_ = 0;
};

}  // namespace

int main() {
  Barrier barrier;
  auto work = [&] {
    barrier.ArriveAndWait();
    barrier.ArriveAndWait();
  };
  std::thread a(work), b(work);
  a.join();
  b.join();
  return 0;
}
