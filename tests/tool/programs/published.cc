// Nothing goes wrong, and yet it is a data race.
#include <thread>

int value = 0;

int main() {
  std::thread a([] { value = 1; });
  value = 1;
  a.join();
}
