// Two increments, one of which may be lost.
#include <cassert>
#include <cstdio>
#include <thread>

int counter = 0;

int main() {
  std::thread a([] { counter++; });
  std::thread b([] { counter++; });
  a.join();
  b.join();
  std::printf("counter %d\n", counter);
  assert(counter == 2);
}
