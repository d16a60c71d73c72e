// Lab 19, queue_rule on the course's loop: A adds B; C was in the queue before.
#include <string>

#include "runtime/async/event_loop.h"

std::string QueueRuleOfTheCourse() {
  std::string words;
  interleave::EventLoop loop;
  loop.CallSoon([&] {
    words += "A";
    loop.CallSoon([&] {
      words += "B";
      loop.Stop();
    });
  });
  loop.CallSoon([&] { words += "C"; });
  loop.RunForever();
  return words;
}
