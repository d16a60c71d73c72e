// A thread looks itself up by the handle that its creator keeps.
//
// Bug: the creator stores the handle when the constructor has returned; the thread may be further
// by then, and finds none. Fix: the creator holds a lock until the handle is stored, and the thread
// takes it first. Idea: Mozilla's nsThread::Init, the order violation of Lu et al. 2008, figure 4.
#include <cassert>
#include <mutex>
#include <thread>

namespace {

struct Worker {
  std::mutex mutex;
  std::thread handle;

  void Start() {
#ifdef FIXED
    std::lock_guard lock(mutex);
#endif
    handle = std::thread([this] { Run(); });
  }

  void Run() {
#ifdef FIXED
    std::lock_guard lock(mutex);
#endif
    assert(handle.get_id() == std::this_thread::get_id());
  }
};

}  // namespace

int main() {
  Worker worker;
  worker.Start();
  worker.handle.join();
  return 0;
}
