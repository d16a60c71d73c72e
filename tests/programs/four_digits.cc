// A door opens when four buttons are pressed in the right order, each by its own thread; a wrong
// one starts over. The author thinks that it stays shut, because the threads are started the other
// way round.
//
// Bug: the order in which threads start says nothing. One order of the 24 opens the door.
// Fix: the first button is pressed when all others have been.
// Idea: "lazy01", "stateful01" of SV-COMP: a state that one sequence of threads leads to.
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

namespace {

struct Door {
  std::mutex mutex;
  int pressed = 0;

  void Press(int button) {
    std::lock_guard lock(mutex);
    pressed = button == pressed ? pressed + 1 : 0;
  }
};

}  // namespace

int main() {
  Door door;
  std::vector<std::thread> threads;
#ifdef FIXED
  for (int button = 3; button > 0; --button)
    threads.emplace_back([&, button] { door.Press(button); });
#else
  for (int button = 3; button >= 0; --button)
    threads.emplace_back([&, button] { door.Press(button); });
#endif
  for (std::thread& thread : threads) thread.join();
#ifdef FIXED
  door.Press(0);
#endif
  assert(door.pressed != 4);
  return 0;
}
