// Lab 37: fork with threads
//
// What does a fork copy?
//
// It copies the memory of the whole process, and one thread: the one that called. The others don't
// exist in the child. What they were doing stays as it was at that moment, half done, and so do the
// locks that they held. A lock that was held is copied as held; its owner was not copied. The child
// that wants this lock waits for somebody who does not exist, for ever. Nothing tells it.
//
// So between fork and exec the child of a program with threads may only call what is safe in a
// signal handler, which is little: no lock of the program, and no library that may have one. (glibc
// puts malloc's and stdio's own locks right; it does not know yours.) The ways out:
//
//     fork first          before there is a second thread
//     pthread_atfork      take the lock before the fork, let go of it afterwards on both sides. It
//                         has to be done for every lock there is, the libraries' too
//     exec at once        posix_spawn: another program, with memory of its own and no lock in it
//
// Run it:     bazel run //labs:37_fork_with_threads
//
// Notice:     Each of these programs is a process of its own, with real threads, real locks and a
//             real fork, in a simulation too. main looks at the stuck child from outside: the
//             kernel says for which address it waits, and the mutex who has it.
//
//             A fork is just a moment, and so it is a race like any other: the_moment counts it,
//             with a try_lock where the fork would be. It may go well for years.
//
// Try:        Let go of the lock before the fork in ForkWhileItWrites. Is the child always safe
//             then?
//             Two locks in pthread_atfork: does their order matter (lab 06)?
//             What does a child find that is forked while a vector grows?
//
// Next:       38_shared_memory_race
#include <pthread.h>
#include <spawn.h>
#include <unistd.h>

#include <chrono>
#include <latch>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

// In 37_fork_with_threads_watch.cc.
// Runs `program` in a process of its own and prints what it tells; its last line.
std::string InProgram(std::string (*program)());
// What becomes of the child: "the child has done its work", or which mutex it waits for without
// hope. Such a child is killed.
std::string WhatBecomesOf(pid_t child, std::mutex& mutex, const std::string& name_of_mutex);

namespace {

std::mutex log_mutex;
std::string lines;  // guarded by log_mutex

void WriteToLog(const std::string& line) {
  std::lock_guard<std::mutex> lock(log_mutex);
  lines += line + "\n";
}

// A thread that holds the lock until `written`.
std::thread StartWriter(std::latch& writing, void (*write)(std::latch&), std::latch& written) {
  return std::thread([&writing, write, &written] {
    interleave::SetThreadName("writer");
    std::lock_guard<std::mutex> lock(log_mutex);
    writing.count_down();
    write(written);
    lines += "a line of the writer\n";
  });
}

pid_t ForkAndWrite() {
  const pid_t child = fork();
  if (child == 0) {
    WriteToLog("a line of the child");
    _exit(0);
  }
  return child;
}

std::string ForkWhileItWrites() {
  std::latch writing(1), written(1);
  std::thread writer = StartWriter(
      writing, [](std::latch& latch) { latch.wait(); }, written);
  writing.wait();
  const pid_t child = ForkAndWrite();
  const std::string end = WhatBecomesOf(child, log_mutex, "log_mutex");
  written.count_down();
  writer.join();
  return end;
}

std::string ForkFirst() {
  const pid_t child = ForkAndWrite();
  std::latch writing(1), written(1);
  std::thread writer = StartWriter(
      writing, [](std::latch& latch) { latch.wait(); }, written);
  writing.wait();
  const std::string end = WhatBecomesOf(child, log_mutex, "log_mutex");
  written.count_down();
  writer.join();
  return end;
}

std::string AtFork() {
  pthread_atfork([] { log_mutex.lock(); }, [] { log_mutex.unlock(); }, [] { log_mutex.unlock(); });
  std::latch writing(1), written(1);
  const auto slowly = [](std::latch&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  };
  std::thread writer = StartWriter(writing, slowly, written);
  writing.wait();
  const pid_t child = ForkAndWrite();  // the fork waits for the writer
  const std::string end = WhatBecomesOf(child, log_mutex, "log_mutex");
  writer.join();
  return end;
}

std::string Spawn() {
  std::latch writing(1), written(1);
  std::thread writer = StartWriter(
      writing, [](std::latch& latch) { latch.wait(); }, written);
  writing.wait();
  pid_t child = -1;
  std::string program = "true";
  char* arguments[] = {program.data(), nullptr};
  const bool spawned = posix_spawnp(&child, "true", nullptr, nullptr, arguments, environ) == 0;
  const std::string end =
      spawned ? WhatBecomesOf(child, log_mutex, "log_mutex") : "there is no program `true`";
  written.count_down();
  writer.join();
  return end;
}

// Where the fork would be, main looks whether the lock is held.
std::string TheMoment() {
  std::thread writer([] {
    interleave::SetThreadName("writer");
    WriteToLog("a line of the writer");
  });
  const bool free = log_mutex.try_lock();
  if (free) log_mutex.unlock();
  writer.join();
  return free ? "a child would find the lock free" : "a child would be stuck";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("37_fork_with_threads", "Fork with threads: what does a fork copy?");
  const std::chrono::seconds limit(10);  // nothing here takes longer than a few milliseconds
  const char* done = "the child has done its work";
  lab.Scenario("fork_while_writing", [] { return InProgram(ForkWhileItWrites); })
      .Says("a fork while another thread holds the lock that the child wants")
      .Outcome("the child was stuck", "The lock was copied, its owner was not.")
      .Takes(limit);
  lab.Scenario("the_moment", TheMoment)
      .Says("the same, and the fork may be at any moment: is the lock held?")
      .Outcomes({"a child would find the lock free", "a child would be stuck"})
      .ShowsCensus();
  lab.Scenario("fork_first", [] { return InProgram(ForkFirst); })
      .Says("cure 1: fork while there is no other thread")
      .Outcome(done)
      .Takes(limit);
  lab.Scenario("atfork", [] { return InProgram(AtFork); })
      .Says("cure 2: pthread_atfork takes the lock before the fork, and both sides let go of it")
      .Outcome(done)
      .Takes(limit);
  lab.Scenario("spawn", [] { return InProgram(Spawn); })
      .Says("cure 3: posix_spawn, another program at once")
      .Outcome(done)
      .Takes(limit);
  lab.Notice(
      "A fork copies all locks and one thread. In a program with threads the child may do next to "
      "nothing but exec: so use posix_spawn, or fork before the first thread starts.");
  lab.Try("two locks in pthread_atfork; a lock that is let go before the fork; --explore=all.");
  lab.Next("38_shared_memory_race");
  return lab.Main(argc, argv);
}
