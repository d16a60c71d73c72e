// Ends as its argument says.
#include <signal.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

bool well = false;

struct AtExit {
  AtExit() { std::puts("the static is there"); }
  ~AtExit() {
    if (well) std::puts("the static is destroyed");
  }
};
AtExit at_exit;

int main(int argc, char** argv) {
  const std::string how = argc > 1 ? argv[1] : "well";
  std::mutex mutex;
  if (how == "status") return 3;
  if (how == "exit") std::exit(4);
  if (how == "exit0") std::exit(0);
  if (how == "throw") std::thread([] { throw std::logic_error("nobody catches this"); }).join();
  if (how == "crash") raise(SIGSEGV);
  if (how == "kill") kill(getpid(), SIGKILL);
  if (how == "deadlock") {
    mutex.lock();
    std::thread([&] { std::lock_guard lock(mutex); }).join();
  }
  if (how == "spin") {
    for (volatile bool forever = true; forever;) std::this_thread::yield();
  }
  if (how == "read") {
    std::printf("read %d\n", std::getchar());
    return 0;
  }
  well = true;
  std::puts("done");
}
