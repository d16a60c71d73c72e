// Lab 38: processes that are started here, and one that goes on step by step.
#ifndef INTERLEAVE_LABS_38_SHARED_MEMORY_RACE_PROCESSES_H_
#define INTERLEAVE_LABS_38_SHARED_MEMORY_RACE_PROCESSES_H_

#include <sys/types.h>

#include <functional>

// A child process that runs `work` and ends with the status that it returns, 0 to 255.
pid_t StartProcess(const std::function<int()>& work);

// Waits for its end. Throws std::runtime_error if it was killed.
int StatusOf(pid_t process);

// Through this a child waits until its parent says that it is its turn, and tells what it did.
class Turns {
 public:
  explicit Turns(int line) : line_(line) {}
  void Wait();
  void Did(int value);

 private:
  const int line_;  // to the parent
};

// A child process that does a step only when told so.
class SteppedProcess {
 public:
  explicit SteppedProcess(void (*work)(Turns& turns));
  ~SteppedProcess();  // waits for its end

  // Lets it do its next step; the value that it told.
  int Step();

 private:
  int line_ = -1;  // to the child
  pid_t process_ = -1;
};

#endif  // INTERLEAVE_LABS_38_SHARED_MEMORY_RACE_PROCESSES_H_
