// A worker takes jobs from the bottom of its deque, a thief steals from the top.
//
// Bug: Take reads the top before it lowers the bottom. The thief steals the job above and has
// already looked at the bottom to steal the next one: the same job is done by both.
// Fix: lower the bottom first; then a thief who comes later sees it.
// Idea: the work stealing queue of Cilk and CHESS; Chase and Lev 2005.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Deque {
  std::atomic<int> top{0}, bottom{2};  // two jobs, number 0 and 1
  std::atomic<int> done[2] = {0, 0};

  void Do(int job) { ++done[job]; }

  void Take() {
#ifdef FIXED
    int last = bottom - 1;
    bottom = last;
    int first = top;
#else
    int first = top;
    int last = bottom - 1;
    bottom = last;
#endif
    if (first < last) return Do(last);
    bottom = last + 1;
    if (first == last && top.compare_exchange_strong(first, first + 1)) Do(last);
  }

  void Steal() {
    int first = top;
    if (first >= bottom) return;
    if (top.compare_exchange_strong(first, first + 1)) Do(first);
  }
};

}  // namespace

int main() {
  Deque deque;
  std::thread worker([&] { deque.Take(); });
  std::thread thief([&] {
    deque.Steal();
    deque.Steal();
  });
  worker.join();
  thief.join();
  for (auto& times : deque.done) assert(times <= 1);
  return 0;
}
