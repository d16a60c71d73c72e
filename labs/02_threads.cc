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
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

// The articles' programs, in 02_threads_articles.cc.
std::string MessagesOnThreads();
std::string FiveMessages();
std::string ThreeLanes();
std::string TwoDownloads();
std::string OwnStacks();
std::string Uncaught();  // and three cures
std::string CaughtInside();
std::string CarriedOver();
std::string ThroughFuture();

namespace {

// ---- who decides the order? ----

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
  using std::chrono::seconds;
  interleave::Lab lab("02_threads", "Threads: what do they change, and who decides the order?");
  lab.Scenario("three_starts", ThreeStarts)
      .Says("main starts A, B, C; in which order do they arrive?")
      .Outcomes({"A B C", "A C B", "B A C", "B C A", "C A B", "C B A"})
      .ShowsCensus();
  lab.Scenario("messages", MessagesOnThreads)
      .Id("S2.02")
      .StartsAt("12:39:05")
      .Says("lab 01's two messages on two threads: 3 s instead of 5 s")
      .Outcome("both printed")
      .Takes(seconds(3))
      .ShowsTimeline();
  lab.Scenario("five_messages", FiveMessages)
      .Id("S2.22")
      .StartsAt("11:07:31")
      .Says("five threads; THREE computes for 3 s and stalls nobody")
      .Outcome("all printed")
      .Takes(seconds(5))
      .ShowsTimeline();
  lab.Scenario("three_lanes", ThreeLanes)
      .Id("S0.01")
      .Says("lab 01's three tasks, a thread and a core for each: 2 s instead of 6 s")
      .Outcome("all done")
      .Takes(seconds(2))
      .Cores(3)
      .ShowsTimeline();
  lab.Scenario("two_downloads", TwoDownloads)
      .Id("S4.08")
      .OnRequest()
      .Says("two downloads side by side, a line for each megabyte")
      .Outcome("15 lines")
      .Takes(seconds(10))
      .ShowsTimeline();
  lab.Scenario("own_stacks", OwnStacks)
      .Id("S4.07")
      .Says("what a thread has for itself, and what all share")
      .Outcome("global 7");
  lab.Scenario("uncaught", Uncaught)
      .Id("S4.12")
      .Says("an exception leaves a std::thread, and with it the whole program ends")
      .Outcome("uncaught std::runtime_error in downloader: disk full",
               "Whatever main wanted to do after join, it never does: std::terminate was called.");
  lab.Scenario("caught_inside", CaughtInside)
      .Says("cure 1, the thread catches it itself")
      .Outcome("main goes on: disk full");
  lab.Scenario("carried_over", CarriedOver)
      .Says("cure 2, std::exception_ptr carries it to whoever joins")
      .Outcome("main goes on: disk full");
  lab.Scenario("through_future", ThroughFuture)
      .Says("cure 3, std::future does the same by itself: get() throws it")
      .Outcome("main goes on: disk full");
  lab.Notice(
      "Waiting overlaps, so the time is that of the longest and not the sum. The order is "
      "nobody's: every one of the six can happen, though a real machine shows mostly one.");
  lab.Try(
      "--real --repeat=10000 --scenario=three_starts; --real --scenario=uncaught; a schedule of "
      "the census, with --scenario=three_starts.");
  lab.Next("03_race_condition");
  return lab.Main(argc, argv);
}
