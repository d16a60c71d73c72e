// A base class starts its thread in its constructor; the thread calls a virtual function.
//
// Bug: the thread may run before the derived class is constructed, and then it calls the base's.
// Fix: start it when the object is complete.
// Idea: "this" escapes from a constructor (Goetz, "Java Concurrency in Practice", 3.2.1); in C++
// the function called may even be a pure one.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

class Task {
 public:
  Task() {
#ifndef FIXED
    Start();
#endif
  }
  virtual ~Task() = default;
  void Start() {
    thread_ = std::thread([this] { result_ = Compute(); });
  }
  int Result() {
    thread_.join();
    return result_;
  }

 protected:
  virtual int Compute() { return 0; }

 private:
  std::thread thread_;
  std::atomic<int> result_{0};
};

class Answer : public Task {
  int Compute() override { return 42; }
};

}  // namespace

int main() {
  Answer answer;
#ifdef FIXED
  answer.Start();
#endif
  assert(answer.Result() == 42);
  return 0;
}
