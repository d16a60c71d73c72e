// An object owns a thread and the flag that the thread reads.
//
// Bug: members are made in the order of their declaration and destroyed in the reverse one. The
// thread stands first, so it runs before the flag has its value, and the value comes last.
// Fix: declare the thread last.
// Idea: C++ Core Guidelines C.47 and CP.25; the commonest mistake with std::jthread members.
#include <cassert>
#include <thread>

namespace {

class Limits {
 public:
  Limits() : highest_(100) {}
  ~Limits() { highest_ = 0; }
  int Highest() const { return highest_; }

 private:
  int highest_;
};

class Meter {
 public:
  Meter() : thread_([this] { assert(limits_.Highest() == 100); }) {}

 private:
#ifdef FIXED
  Limits limits_;
  std::jthread thread_;
#else
  std::jthread thread_;
  Limits limits_;
#endif
};

}  // namespace

int main() {
  Meter meter;
  return 0;
}
