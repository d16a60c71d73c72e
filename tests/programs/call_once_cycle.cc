// Two parts of a program each prepare themselves once; the configuration needs the log, and the log
// wants the configuration if it is not there yet.
//
// Bug: one thread prepares the configuration and waits for the log, which the other prepares, which
// waits for the configuration. One thread alone never meets this.
// Fix: the log does without.
// Idea: class initialisation deadlocks (JaConTeBe, JDK); "static" objects that need each other.
#include <mutex>
#include <thread>

namespace {

struct Parts {
  std::once_flag config_once, log_once;
  int config = 0, log = 0;

  void PrepareLog() {
    std::call_once(log_once, [&] {
#ifndef FIXED
      if (config == 0) std::call_once(config_once, [&] { config = 1; });
#endif
      log = 1;
    });
  }
  void PrepareConfig() {
    std::call_once(config_once, [&] {
      std::call_once(log_once, [&] { log = 1; });
      config = 1;
    });
  }
};

}  // namespace

int main() {
  Parts parts;
  std::thread first([&] { parts.PrepareConfig(); });
  std::thread second([&] { parts.PrepareLog(); });
  first.join();
  second.join();
  return 0;
}
