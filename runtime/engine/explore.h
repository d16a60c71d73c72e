// runtime/engine/explore.h
//
// Runs ordinary C++ (std::thread, std::mutex, plain ints) under a scheduler that decides who goes
// next and what time it is. A bug then happens on demand, prints the same bytes every time, and
// every schedule can be counted:
//
//   interleave::ExploreReport report = interleave::Explore([] {
//     int counter = 0;
//     auto add = [&] { counter = counter + 1; };
//     std::thread a(add), b(add);
//     a.join();
//     b.join();
//     return "counter " + std::to_string(counter);
//   });
//   // report.census: "counter 1" 4 runs, "counter 2" 2 runs; report.complete: true
//
// The body is called once per schedule, so it sets up its own state, and its return value is the
// outcome that is counted. What lives outside of it (globals, function-local statics) keeps its
// value from run to run. Compile the body with `instrumented_cc_*` of instrument.bzl: without
// that plain memory is invisible, and only locks, waits, output and time are scheduled.
//
// Threads: one simulation at a time in a process, called from any one OS thread. Other OS threads
// of the process go on as always and are not part of it. README.md in this folder is the tour.
#ifndef INTERLEAVE_RUNTIME_ENGINE_EXPLORE_H_
#define INTERLEAVE_RUNTIME_ENGINE_EXPLORE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace interleave {

// The program under test. What it returns is the run's outcome.
using Body = std::function<std::string()>;

// How a run ended. Everything but kReturned names thread and cause in RunReport::explanation.
enum class Ending {
  kReturned,     // the body returned
  kDeadlock,     // nobody can run and no timer is armed
  kLivelock,     // the step budget is used up
  kException,    // an exception left a thread (std::terminate)
  kAbort,        // abort, a failed assert, or std::terminate without an exception
  kExit,         // exit or _exit was called
  kCrash,        // SIGSEGV, SIGBUS, SIGFPE, SIGILL, or a stack overflow
  kUnsupported,  // a call that a simulation cannot run; never silently wrong
  kBadSchedule,  // the schedule to replay does not fit the program
};

enum class StepKind {
  kStart,       // a thread begins
  kEnd,         // a thread ends
  kRead,        // plain memory
  kWrite,       //
  kAtomicRead,  // std::atomic
  kAtomicWrite,
  kAtomicUpdate,
  kLock,      // of a mutex, of a reader-writer lock to write ...
  kTryLock,   //
  kUnlock,    //
  kReadLock,  // of a reader-writer lock to read
  kTryReadLock,
  kReadUnlock,
  kAcquire,  // takes one from a semaphore
  kTryAcquire,
  kRelease,  // adds one
  kWait,     // goes to sleep on a condition variable, at a barrier (or on a futex:
             // std::atomic::wait, latch ...)
  kWake,     // wakes waiters of one
  kJoin,     //
  kSleep,    //
  kYield,    //
  kOutput,   // writes to stdout or stderr
  kReceive,  // takes something out of a descriptor: read, recv, accept ...
  kSend,     // changes what its other end finds: write, send, connect, close ...
  kPoll,     // waits until one of several is ready: poll, select, epoll_wait
  kProcess,  // waits for a child process
  kSignal,   // sends a signal, or waits for one
  kFence,    // atomic_thread_fence(memory_order_seq_cst), where it is more than nothing
};

// What an atomic load may read. The essay in memory_model.h says which paragraphs of the standard
// stand behind each.
enum class MemoryMode {
  kSc,   // the newest value, always: sequential consistency
  kCpp,  // whatever C++20 allows for the memory orders that the program names
  kTso,  // what x86 does: each thread's stores wait in a buffer
};

// A place in the source. `line` is 0 where it is unknown.
struct SourceLine {
  std::string file;  // base name
  int line = 0;
  std::string path = {};     // of the file, as the compiler wrote it down
  std::string Text() const;  // "03_race_condition.cc:24", or "?"
};

// One step of one thread. A wait is two steps: it begins (blocked) and it is over.
struct Step {
  std::chrono::nanoseconds time{0};  // since 1970, virtual
  int thread = 0;                    // index into RunReport::threads
  StepKind kind = StepKind::kStart;
  bool blocked = false;  // the thread stands here because it may not go on yet
  std::string object;    // "counter", "left", "mutex 1"; for output the text
  std::string value;     // what was read or written, empty where unknown; of kWake: who was woken
  SourceLine place;      // the innermost place outside of the standard library
  int by =
      -1;  // index of a thread: blocked: who holds the lock; else: who ended the wait before it
  std::string note = {};   // an atomic access: which store an old value is of, and what it missed
  bool timed_out = false;  // that wait is over because its time was up
  bool preempts = false;   // the thread of the step before could have gone on
  std::chrono::nanoseconds until{0};  // blocked: it goes on then at the latest; 0: no such time
};

// Two accesses to the same memory, one of them a write, that nothing orders.
struct Race {
  std::string object;  // "counter"
  std::string first_thread, second_thread;
  bool first_writes = false, second_writes = false;
  bool first_frees = false, second_frees = false;  // writes that give the memory back
  SourceLine first, second;
  std::string Text() const;  // one sentence
};

struct RunReport {
  Ending ending = Ending::kReturned;
  std::string outcome;      // the body's text, or "deadlock", "uncaught std::logic_error" ...
  std::string explanation;  // lines for a reader; empty when the body returned
  std::string schedule;     // replays this run, "1.2.1@24"; empty when there was no choice
  std::int64_t steps = 0;
  int preemptions = 0;  // switches away from a thread that could have gone on
  std::chrono::nanoseconds began{0}, ended{0};  // virtual, since 1970
  std::vector<std::string> threads;             // names, in order of creation
  std::vector<std::string> still_running;       // threads that had not ended when the body returned
  std::vector<Step> trace;                      // if SimulateOptions::trace
  std::vector<Race> races;                      // those that this run showed
  std::vector<std::string> lock_inversions;     // of a run that did not deadlock, a sentence each
};

// Where the bytes go that simulated threads write to stdout (1) and stderr (2).
using OutputSink = std::function<void(int fd, std::string_view text)>;

struct SimulateOptions {
  std::string schedule = {};  // replays it; wins over seed
  bool random = false;        // random choices from `seed`; otherwise round robin
  std::uint64_t seed = 1;
  std::chrono::nanoseconds start{1'000'000'000};  // the clock at the beginning, since 1970; > 0
  std::int64_t step_budget = 1'000'000;
  bool trace = false;
  bool partial_io = false;   // reads and non-blocking writes may move only a part: a choice
  bool find_races = true;    // false: only the places in `schedule` are points
  bool by_priority = false;  // of those that can go on, only the most urgent do (priorities.cc)
  MemoryMode memory = MemoryMode::kSc;
  bool repeatable = true;  // the body may be called again, to learn who met in a race; or once only
  OutputSink output = {};  // unset: passes through to the real descriptors
};

// One run. Throws std::invalid_argument if `schedule` is no schedule, std::logic_error when called
// from within a simulation.
RunReport Simulate(const Body& body, const SimulateOptions& options = {});

enum class Strategy {
  kAuto,         // all if that ends within a second, otherwise distinct, delays, chance
  kAll,          // every schedule, depth first
  kDistinct,     // one of each class of schedules that differ in nothing that matters
  kPreemptions,  // every schedule with at most `bound` preemptions; first those with 0, then 1 ...
  kDelays,       // every schedule with at most `bound` delays of a round-robin scheduler
  kPct,          // random priorities that change at `depth` - 1 random moments
  kRandom,       // random choices
  kRoundRobin,   // one run
};

struct ExploreOptions {
  Strategy strategy = Strategy::kAll;
  int bound = 2;                       // kPreemptions, kDelays
  int depth = 3;                       // kPct: how many orderings the bugs need that it looks for
  std::uint64_t seed = 1;              // kPct, kRandom
  std::int64_t max_runs = 10'000'000;  // kRandom runs this many
  std::chrono::nanoseconds max_time = std::chrono::seconds(60);  // of the real clock
  std::int64_t step_budget = 20'000;                             // per run
  bool partial_io = false;                                       // as in SimulateOptions
  bool by_priority = false;                                      // likewise; not with kDistinct
  MemoryMode memory = MemoryMode::kSc;  // with others not kDistinct: choices of values are no steps
  std::chrono::nanoseconds start{1'000'000'000};
  std::string beginning = {};  // a schedule: only what begins with its choices; not with kDistinct
  // Where not all schedules were run, those of the census are made simpler; that takes as many runs
  // again.
  bool minimise = true;
  // Each run in a forked child: globals and function-local statics are fresh in every run, and what
  // kills the process is an outcome. About 3,000 runs a second. Memory is bounded without it, too:
  // when the runs that were given up (a deadlock, an exception) have left 64 MB behind, children
  // make the others, many runs each.
  bool fork_runs = false;
  std::chrono::nanoseconds fork_limit =
      std::chrono::seconds(10);    // real time that a child may take
  bool progress = false;           // lines on stderr after a second
  bool stop_on_interrupt = false;  // Ctrl-C ends the exploration and reports what it has
  // Ends the exploration when a run has come out like this.
  std::function<bool(Ending ending, const std::string& outcome)> stop_when = {};
};

// One way in which an exploration went about it.
struct ExplorePhase {
  std::string name;            // as --explore has it: "all", "delay:2"
  std::int64_t runs = 0;       // that counted
  std::int64_t redundant = 0;  // like an earlier one in all that matters
  bool ended = false;          // nothing was left to run
};

struct CensusRow {
  std::string outcome;
  Ending ending = Ending::kReturned;
  std::int64_t runs = 0;
  std::string schedule;  // the one with the fewest preemptions, then the shortest
  int preemptions = 0;
  int length = 0;  // choices in the schedule
};

struct ExploreReport {
  std::vector<CensusRow> census;  // most runs first
  std::int64_t runs = 0;
  bool complete = false;  // every schedule was run, or one of each class (kDistinct)
  std::vector<ExplorePhase> phases;
  bool cut_spins = false;      // rounds of a waiting loop were left out (Scheduler::Repeats)
  bool cut_stale = false;      // an old value could have been read once more (memory_model.h)
  bool interrupted = false;    // by Ctrl-C
  std::string stopped_by;      // "60 s", "1000 runs", ... where it is not complete
  std::string nondeterminism;  // one sentence if a replay went another way; the counts are void
  std::vector<Race> races;
  std::vector<std::string> lock_inversions;  // unless no schedule deadlocks; a sentence each
  std::chrono::nanoseconds elapsed{0};       // of the real clock
};

ExploreReport Explore(const Body& body, const ExploreOptions& options = {});

// Sets strategy, and bound or max_runs, from "all", "distinct", "preempt:N", "delay:N", "random:N"
// or "pct:N". Throws std::invalid_argument with a sentence that says what would be accepted.
void SetStrategy(std::string_view text, ExploreOptions& options);

// From "sc", "cpp" or "tso". Throws std::invalid_argument with a sentence that says what would be
// accepted.
MemoryMode ParseMemoryMode(std::string_view text);
std::string MemoryModeName(MemoryMode mode);

// What a census under this mode has and does not have, for a reader; empty for kSc. `cut_stale` as
// in the report.
std::string MemoryLimits(MemoryMode mode, bool cut_stale);

// True on a simulated thread.
bool InSimulation();

// Called on a simulated thread when it has changed some thread's priority; null: nobody wants to
// know.
void SetPriorityListener(void (*listener)());

// Throws std::invalid_argument with one sentence if `text` is no schedule.
void CheckSchedule(std::string_view text);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ENGINE_EXPLORE_H_
