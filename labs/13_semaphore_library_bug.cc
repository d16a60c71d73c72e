// Lab 13, what the engine found in the standard library: std::counting_semaphore of libstdc++ 12.
//
// Its acquire() notes the number of permits and then tries to take one, some times over. If it
// finds none it asks the kernel to sleep, unless the number has changed from what it noted. That
// is meant to be safe, for a release changes the number. But here alice notes 1 and finds 0: bob
// took the permit in between. Then bob releases, and wakes whoever sleeps; alice does not yet. The
// number is 1, as noted, so now she goes to sleep, beside a free permit, and nobody wakes her.
//
// On a machine it is rare: PyTorch's tests hung of it, on those with many cores (pytorch/pytorch
// pull request 177884, which names GCC bug 98033). As long as only one thread acquires, nothing
// but a release changes the number, and all is well.
#include <semaphore>
#include <string>
#include <thread>

#include "runtime/threads/thread_name.h"

std::string TwoTurnsWithOnePermit() {
  std::counting_semaphore<> permits(1);
  auto take_turn = [&permits](const char* name) {
    interleave::SetThreadName(name);
    permits.acquire();
    permits.release();
  };
  std::thread a(take_turn, "alice"), b(take_turn, "bob");
  a.join();
  b.join();
  return "both had their turn";
}
