// A driver counts the requests that it is in; stopping it waits until the last one is out.
//
// Bug: a request looks at `stopping` first and counts itself afterwards. In between the driver is
// stopped, and the request works with a device that is gone.
// Fix: count first, then look.
// Idea: the Bluetooth driver of Qadeer and Wu, "KISS: keep it simple and sequential" (2004), in
// every suite since.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Driver {
  std::atomic<bool> stopping{false};
  std::atomic<bool> stopped{false};
  std::atomic<int> inside{1};  // one for the driver itself

  void Leave() {
    if (--inside == 0) stopped = true;
  }

  bool Enter() {
#ifdef FIXED
    ++inside;
    if (!stopping) return true;
#else
    if (!stopping) {
      ++inside;
      return true;
    }
    ++inside;
#endif
    Leave();
    return false;
  }

  void Request() {
    if (!Enter()) return;
    assert(!stopped);
    Leave();
  }

  void Stop() {
    stopping = true;
    Leave();
  }
};

}  // namespace

int main() {
  Driver driver;
  std::thread request([&] { driver.Request(); });
  std::thread stop([&] { driver.Stop(); });
  request.join();
  stop.join();
  assert(driver.stopped);
  return 0;
}
