// Main starts a listener with std::async and then sends it a greeting.
//
// Bug: nobody keeps the future, and the destructor of std::async's future waits for the thread:
// main stands at the end of that line, and the greeting is never sent. Fix: keep the future to the
// end. Idea: Meyers, "Effective Modern C++", item 38; [futures.async]/5.
#include <future>

int main() {
  std::promise<int> greeting;
  std::future<int> heard = greeting.get_future();
#ifdef FIXED
  std::future<void> listener = std::async(std::launch::async, [&] { heard.wait(); });
#else
  static_cast<void>(std::async(std::launch::async, [&] { heard.wait(); }));
#endif
  greeting.set_value(1);
  return 0;
}
