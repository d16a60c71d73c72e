// Lab 02: threads
//
// What do threads change, and who decides the order?
//
// A std::thread is a second place in the program where things happen. Two of them can wait at the
// same time, so 2 s and 3 s of waiting take 3 s together (scenario messages). What they give up
// for it is order: between two lines of one thread anything may happen in another, and nothing
// that you wrote says which comes first. The system's scheduler decides, and it may decide
// differently each time.
//
// One more thing is new: a thread has no caller. An exception that leaves main's function ends up
// with whoever called it; one that leaves a std::thread's function has nowhere to go, and C++ ends
// the whole program. (Python prints a traceback and goes on without that thread.)
//
// Run it:     bazel run //labs:02_threads
//
// Notice:     Three threads have 3 * 2 * 1 orders, and the census has met each of them. On a real
//             machine you will see A B C nearly always, and believe in it.
//
//             The broken download and its three cures differ in who looks at the exception: nobody,
//             the thread itself, or whoever waits for the thread.
//
// Try:        --real --repeat=10000 --scenario=three_starts: which orders does it ever have?
//             --real --scenario=uncaught: the end of this program, for real
//             A fourth thread in ThreeStarts: how many orders are there, and which line says so?
//
// Next:       03_race_condition
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

void AddArticles(interleave::Lab& lab);    // in 02_threads_articles.cc
void AddExceptions(interleave::Lab& lab);  // in 02_threads_exceptions.cc

namespace {

std::string order;
std::mutex order_mutex;  // lab 04 says what for

void Arrive(const char* name) {
  interleave::SetThreadName(name);
  std::lock_guard<std::mutex> lock(order_mutex);
  order += order.empty() ? name : std::string(" ") + name;
}

std::string ThreeStarts() {
  order.clear();
  std::thread a(Arrive, "A"), b(Arrive, "B"), c(Arrive, "C");
  a.join();
  b.join();
  c.join();
  return order;
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("02_threads", "Threads: what do they change, and who decides the order?");
  lab.Scenario("three_starts", ThreeStarts)
      .Says("main starts A, B, C; in which order do they arrive?")
      .Outcomes({"A B C", "A C B", "B A C", "B C A", "C A B", "C B A"})
      .ShowsCensus();
  AddArticles(lab);
  AddExceptions(lab);
  lab.Notice(
      "Waiting overlaps, so the time is that of the longest and not the sum. The order is "
      "nobody's: every one of the six can happen, though a real machine shows mostly one.");
  lab.Try(
      "--real --repeat=10000 --scenario=three_starts; --real --scenario=uncaught; a schedule of "
      "the census, with --scenario=three_starts.");
  lab.Next("03_race_condition");
  return lab.Main(argc, argv);
}
