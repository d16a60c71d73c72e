// No compiler may make one access out of three: one thread adds 1 three times, the other once, and
// the outcomes are what a count by hand of 6 + 2 steps says.
#include <cstdio>
#include <thread>

int counter = 0;

int main() {
  std::thread a([] {
    counter++;
    counter++;
    counter++;
  });
  std::thread b([] { counter++; });
  a.join();
  b.join();
  std::printf("counter %d\n", counter);
}
