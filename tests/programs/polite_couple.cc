// A couple shares one spoon; whoever has it and sees the other hungry hands it over.
//
// Bug: if both are hungry they hand it to and fro and never eat.
// Fix: hand it over once.
// Idea: the livelock of the polite diners (Goetz, "Java Concurrency in Practice", 10.3.3).
#include <atomic>
#include <thread>

int main() {
  std::atomic<int> spoon{0};
  std::atomic<bool> hungry[2] = {false, false};
  auto eat = [&](int me) {
    int other = 1 - me;
    bool was_polite = false;
    hungry[me] = true;
    while (hungry[me]) {
      if (spoon != me) {
        std::this_thread::yield();
        continue;
      }
      if (hungry[other] && !was_polite) {
        spoon = other;
#ifdef FIXED
        was_polite = true;
#endif
        continue;
      }
      hungry[me] = false;
      spoon = other;
    }
  };
  std::thread a(eat, 0), b(eat, 1);
  a.join();
  b.join();
  return 0;
}
