// runtime/lab/play.h
//
// The learner is the scheduler (--play). At each point where more than one thread could go on, they
// are listed with what each would do; the answer is a thread's number, as a schedule has it.
//
//   1) adder-1  writes counter      47  counter = counter + 1;
//   2) adder-2  reads counter 0     47  counter = counter + 1;
//   > 2
//   #2  adder-2  reads counter 0
//
// What is no thread but a choice all the same (whom a notify wakes, which of the loop's tasks goes
// first) is asked in the same way. At the end stands how the run came out, how many of the other
// schedules come to that, and the command that shows it again. `b` takes the last answer back, also
// then.
//
// Lines come from standard input. Where that is no terminal each one is printed behind its prompt,
// so that a session from a file reads like one that was typed.
//
// Threads: the lab's main thread only.
#ifndef INTERLEAVE_RUNTIME_LAB_PLAY_H_
#define INTERLEAVE_RUNTIME_LAB_PLAY_H_

#include <optional>
#include <string>

#include "runtime/engine/explore.h"
#include "runtime/lab/scenario.h"

namespace interleave::lab {

struct PlayResult {
  std::optional<RunReport> last;  // the last run that came to its end
  std::string bad_schedule;       // why the game could not begin
};

// Until the input ends or says q. `schedule` is where the game begins; "" is the very beginning.
// `lab` and `own_flags` are for the command that shows a run again, as RunTextOptions has them.
PlayResult Play(const ScenarioPlan& plan, const std::string& schedule, const std::string& lab,
                const std::string& own_flags);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_PLAY_H_
