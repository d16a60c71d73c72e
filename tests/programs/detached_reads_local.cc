// A function starts a thread that prints its greeting and does not wait for it.
//
// Bug: the greeting is a variable of the function, and may be gone when the thread gets to it.
// Fix: the thread gets a copy.
// Idea: C++ Core Guidelines CP.26 and F.53: no reference to a local in what outlives it.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Greeting {
  std::atomic<char> first{'h'};
  Greeting() = default;
  Greeting(const Greeting& other) : first(other.first.load()) {}
  ~Greeting() { first = '\0'; }
};

void Greet() {
  Greeting greeting;
#ifdef FIXED
  std::thread([greeting] { assert(greeting.first == 'h'); }).detach();
#else
  std::thread([&greeting] { assert(greeting.first == 'h'); }).detach();
#endif
}

}  // namespace

int main() {
  Greet();
  return 0;
}
