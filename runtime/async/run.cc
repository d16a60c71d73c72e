// runtime/async/run.cc

#include "runtime/async/run.h"

#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/async/async_errors.h"

namespace interleave {
namespace {

// Only where nobody else wants it, and where the system delivers it.
bool MayCatchInterrupts() {
  struct sigaction now {};
  sigaction(SIGINT, nullptr, &now);
  const bool is_default = (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL;
  return is_default && gettid() == getpid();
}

}  // namespace

void Runner::RunToTheEnd(AnyTask main) {
  int interrupts = 0;
  struct RemoveHandler {
    EventLoop& loop;
    ~RemoveHandler() { loop.RemoveSignalHandler(SIGINT); }
  } remove{loop_};
  if (MayCatchInterrupts()) {
    loop_.AddSignalHandler(SIGINT, [&] {
      if (++interrupts > 1 || main.done()) throw Interrupted();
      main.Cancel();
    });
  }
  main.AddDoneCallback([this] { loop_.Stop(); });
  loop_.RunForever();
  if (!main.done()) throw std::logic_error("the event loop was stopped before the task ended");
  // A cancellation that somebody else asked for, too, stays one.
  if (main.cancelled() && interrupts > 0 && main.Uncancel() == 0) throw Interrupted();
}

Runner::~Runner() {
  std::vector<AnyTask> left_over;
  for (TaskLinks* at = loop_.tasks().first(); at != loop_.tasks().end(); at = at->behind) {
    left_over.emplace_back(static_cast<TaskCore&>(*at));
  }
  if (left_over.empty() || EventLoop::Running() != nullptr) return;
  if (left_over_handler_ != nullptr) {
    left_over_handler_(left_over);
  } else if (EventLoop::hooks().left_over != nullptr) {
    std::vector<std::string> names;
    for (const AnyTask& task : left_over) names.push_back(task.name());
    EventLoop::hooks().left_over(names);
  }
  for (AnyTask& task : left_over) task.Cancel();
  std::size_t unfinished = left_over.size();
  for (AnyTask& task : left_over) {
    task.AddDoneCallback([&] {
      if (--unfinished == 0) loop_.Stop();
    });
  }
  while (unfinished > 0) {
    try {
      loop_.RunForever();
    } catch (const Interrupted&) {  // they are being ended already
    }
  }
  for (const AnyTask& task : left_over) {
    if (task.cancelled()) continue;
    if (const std::exception_ptr error = task.Exception(); error != nullptr) {
      loop_.CallExceptionHandler({"exception while Run was ending its tasks", error, task.name()});
    }
  }
}

}  // namespace interleave
