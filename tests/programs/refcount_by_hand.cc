// An object counts its owners itself; the last one to go destroys it.
//
// Bug: taking one off and looking whether any is left are two steps. Both owners take theirs off,
// both see zero, both destroy.
// Fix: ask what the subtraction itself returns.
// Idea: Apache httpd bug 21287 (mod_mem_cache), studied by Lu et al. 2008.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Object {
  std::atomic<int> owners{2};
  std::atomic<int> destroyed{0};

  void Release() {
#ifdef FIXED
    if (owners.fetch_sub(1) == 1) ++destroyed;
#else
    owners.fetch_sub(1);
    if (owners == 0) ++destroyed;
#endif
  }
};

}  // namespace

int main() {
  Object object;
  std::thread first([&] { object.Release(); });
  std::thread second([&] { object.Release(); });
  first.join();
  second.join();
  assert(object.destroyed == 1);
  return 0;
}
