// runtime/process/process.h
//
// A child process: a copy of this one that calls a function (Fork), or another program (Spawn).
//
//   Process child = Process::Fork([] { return Count() == 7 ? 0 : 1; });
//   ExitStatus end = child.Wait();
//   std::cout << end.Text() << "\n";                  // "exited with status 0"
//
//   Process list = Process::Spawn({"ls", "-l"});
//   if (!list.WaitFor(2s)) list.Kill(SIGTERM);
//   ExitStatus how = co_await list.Ended();           // or without blocking the loop
//
// A process that has ended stays in the kernel's table, a zombie, until its parent has asked how.
// Nobody forgets that here: a Process that is destroyed before its child has ended kills it
// (SIGKILL) and takes it out of the table.
//
// What a child gets. A forked one has a copy of the memory and of the one thread that called Fork.
// Locks that other threads held then stay locked in it for ever: fork before starting threads, or
// only do what needs none of their locks (malloc is fine, the C library sees to it). Signals that
// had handlers have their default effect again. Of the descriptors it has 0, 1, 2 and those in
// `keep`; all others are closed, or a pipe that the parent waits on would never end. The same holds
// for a spawned one.
//
// Threads: any thread may make one; a Process belongs to one thread at a time. Ended needs a loop.

#ifndef INTERLEAVE_RUNTIME_PROCESS_PROCESS_H_
#define INTERLEAVE_RUNTIME_PROCESS_PROCESS_H_

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/task.h"
#include "runtime/net/descriptor.h"

namespace interleave {

// "SIGKILL", "SIGRTMIN+2"; "signal 99" for what is none.
std::string SignalName(int signal);

// How a process ended.
struct ExitStatus {
  int code = 0;    // what it returned, if no signal ended it
  int signal = 0;  // the one that ended it, or 0

  bool ok() const { return code == 0 && signal == 0; }
  std::string Text() const;  // "exited with status 3", "was ended by SIGKILL"
  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

struct SpawnOptions {
  // The child's number, this process's number: {{1, pipe_end}} for its standard output.
  std::vector<std::pair<int, int>> descriptors;
};

class Process {
 public:
  // The child calls `body` and ends with what it returns; with 1 if it throws, and says what on
  // stderr. Neither destructors of globals nor functions of std::atexit run in it.
  // Throws: std::system_error if there can be no further process.
  static Process Fork(const std::function<int()>& body, const std::vector<int>& keep = {});

  // arguments[0] is looked for in PATH.
  // Throws: std::system_error if it can't be started; std::invalid_argument without arguments.
  static Process Spawn(const std::vector<std::string>& arguments, const SpawnOptions& options = {});

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }

  // Does not wait; nothing if it has not ended.
  // All of these throw std::logic_error if somebody else has asked the kernel how it ended, as
  // wait(nullptr) and a SIGCHLD that is ignored do: then nobody can know.
  std::optional<ExitStatus> Poll();
  ExitStatus Wait();
  std::optional<ExitStatus> WaitFor(std::chrono::nanoseconds limit);

  // The task that awaits it goes on in the loop when the child has ended. This must outlive the
  // wait. Cancellation ends the wait, not the child.
  Task<ExitStatus> Ended();

  // Sends a signal; does nothing if it has been waited for.
  void Kill(int signal = SIGKILL);

  // It has ended, or is about to: it runs no more of its program, and its descriptors are closed.
  // Also true if nobody can know, because there is no /proc.
  bool IsEnding() const;

  // A descriptor that is readable when the child has ended (a pidfd).
  int end_descriptor() const { return end_.get(); }

 private:
  explicit Process(pid_t pid);
  std::optional<ExitStatus> Reap(int options);

  pid_t pid_ = -1;  // -1: moved from
  Descriptor end_;
  std::optional<ExitStatus> ended_;  // it was waited for; its number may be somebody else's now
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_PROCESS_H_
