// Lab 19: event loop
//
// How does one thread look after many conversations?
//
// A waiter with three tables does not stand at the first until its guests have chosen. He brings
// the menu, says "I'll be back", and goes to whoever wants him next. An event loop is that waiter:
// a queue of calls whose turn has come, a list of calls for later, and one thread that takes the
// next from the queue, over and over. Loop below is all of it, and it tells what it does. The
// course's own (runtime/async/event_loop.h) has the same rules; it also listens to sockets, signals
// and other threads.
//
// Run it:     bazel run //labs:19_event_loop
//
// Notice:     Three tables think for 1, 2 and 3 s. The waiter who comes back has served them after
//             3 s; the one who stands and waits needs 6 s, and the third table sees the menu
//             after 3.
//
//             A turn runs what was ready when it began. What a call adds waits for the next turn,
//             so nobody can push in: in queue_rule C comes before B.
//
//             Nothing interrupts a call. A loop is as quick as its slowest call is short: the price
//             of having no threads, and no races between them (lab 25 shows which remain).
//
// Try:        --scenario=S0.23: a coroutine on the loop, resumed by hand
//             In ComesBack, let the guests pay 2 s after they have ordered.
//             Let Loop::Run take one call at a time, until ready_ is empty. queue_rule says the
//             same. But who starves now, if a call always adds another?
//
// Next:       20_coroutine
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

std::string QueueRuleOfTheCourse();      // in 19_event_loop_course.cc
void AddArticles(interleave::Lab& lab);  // in 19_event_loop_articles.cc

namespace {

using interleave::Log;
using std::chrono::seconds, std::chrono::steady_clock;

class Loop {
 public:
  using Function = std::function<void()>;

  void CallSoon(std::string name, Function run) {
    ready_.push_back({std::move(name), std::move(run)});
  }

  void CallLater(seconds delay, std::string name, Function run) {
    later_.insert({steady_clock::now() + delay, {std::move(name), std::move(run)}});
  }

  void Run() {
    for (int turn = 1; !ready_.empty() || !later_.empty(); ++turn) {
      if (ready_.empty()) std::this_thread::sleep_until(later_.begin()->first);
      while (!later_.empty() && later_.begin()->first <= steady_clock::now()) {
        ready_.push_back(later_.extract(later_.begin()).mapped());
      }
      const std::deque<Call> current = std::exchange(ready_, {});  // what they add comes next turn
      std::string names;
      for (const Call& call : current) names += " " + call.name;
      Log("loop: turn " + std::to_string(turn) + " runs" + names);
      for (const Call& call : current) call.run();
    }
  }

 private:
  struct Call {
    std::string name;
    Function run;
  };
  std::deque<Call> ready_;                               // first in, first out
  std::multimap<steady_clock::time_point, Call> later_;  // the earliest first
};

std::string words;  // what the waiter did, in order

void Say(const std::string& table, const std::string& word) {
  Log(table + ": " + word);
  words += (words.empty() ? "" : " ") + word;
}

void StandsAndWaits(Loop&, const std::string& table, seconds thinks) {
  Say(table, "menu");
  std::this_thread::sleep_for(thinks);
  Say(table, "order");
}

void ComesBack(Loop& loop, const std::string& table, seconds thinks) {
  Say(table, "menu");
  loop.CallLater(thinks, table, [table] { Say(table, "order"); });
}

std::string Serve(void (*waiter)(Loop&, const std::string&, seconds)) {
  words.clear();
  Loop loop;
  for (int i = 1; i <= 3; ++i) {
    const std::string table = "table-" + std::to_string(i);
    loop.CallSoon(table, [&loop, waiter, table, i] { waiter(loop, table, seconds(i)); });
  }
  loop.Run();
  return words;
}

// A adds B; C was in the queue before.
std::string QueueRule() {
  words.clear();
  Loop loop;
  loop.CallSoon("A", [&loop] {
    words += "A";
    loop.CallSoon("B", [] { words += "B"; });
  });
  loop.CallSoon("C", [] { words += "C"; });
  loop.Run();
  return "ours " + words + ", the course's loop " + QueueRuleOfTheCourse();
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("19_event_loop",
                      "Event loop: how does one thread look after many conversations?");
  lab.Scenario("stands_and_waits", [] { return Serve(StandsAndWaits); })
      .Says("three tables, and a waiter who stands at each until it has chosen")
      .Outcome("menu order menu order menu order",
               "The third table had to wait 3 s for the menu, though nobody did anything.")
      .Takes(seconds(6));
  lab.Scenario("comes_back", [] { return Serve(ComesBack); })
      .Says("the same three tables; he says when he will be back, and goes to the next")
      .Outcome("menu menu menu order order order",
               "All have the menu at once, and all have ordered after 3 s: the longest thought.")
      .Takes(seconds(3));
  lab.Scenario("queue_rule", QueueRule)
      .Says("A and C are ready, and A adds B. Who comes when?")
      .Outcome("ours ACB, the course's loop ACB", "A, C, B in both: whoever is added, queues.");
  AddArticles(lab);
  lab.Notice(
      "One thread, and nobody waits for anybody: a conversation says when it wants to go on, and "
      "gives the thread back. Who keeps it stops all the others.");
  lab.Try("--scenario=S0.23; --scenario=S0.24; comes_back with guests who also pay.");
  lab.Next("20_coroutine");
  return lab.Main(argc, argv);
}
