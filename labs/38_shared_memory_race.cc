// Lab 38: a race between processes
//
// Can processes race, too?
//
// A fork copies the process. What the child writes from then on it writes into its own copy, and
// nobody else sees it: so far the article is right, such processes cannot race, for they have
// nothing in common. But they have nothing in common only as long as nobody gives them something.
// Memory that was mapped as shared is not copied: it is one and the same for both, and then
// counter = counter + 1 is what it was in lab 03. Two read 0, two write 1.
//
// The cures are those of threads, with one condition each: an atomic must be lock-free (a lock
// beside it would not be shared), and a mutex must know that it is for several processes, and lie
// in the shared memory itself.
//
// Run it:     bazel run //labs:38_shared_memory_race
//
// Notice:     The six orders in shared_memory are run for real, each by two processes of its own.
//             Through pipes main says whose turn it is. Nothing is simulated there: the kernel lets
//             them do so in any of these orders, and four lose an increment.
//
//             A simulation cannot decide what goes on in another process. So the census of
//             two_threads is made of threads on the same memory, as a model: the same six
//             schedules, four of which lose an update. The processor does not know the difference.
//
//             In cured two processes are let loose, ten thousand increments each: all are there.
//
// Try:        --real --scenario=let_loose: two processes, a million increments each and no lock
//             MAP_PRIVATE in place of MAP_SHARED: what does each scenario say?
//             Let a process end while it holds the lock. Who is told?
//             (runtime/process/process_mutex.h has an answer.)
//
// Next:       39_merge_sort
#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <new>
#include <string>
#include <system_error>
#include <thread>

#include "labs/38_shared_memory_race_processes.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

void AddPrivateMemory(interleave::Lab& lab);  // in 38_shared_memory_race_private.cc

namespace {

using interleave::Print;

// What the processes have in common. All of it lies in the mapped memory.
struct Board {
  int counter = 0;
  std::atomic<int> atomic_counter = 0;
  pthread_mutex_t mutex;

  Board() {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
  }
};
static_assert(std::atomic<int>::is_always_lock_free);

Board* board;

void Map() {
  void* memory =
      mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  board = new (memory) Board;
}

void Unmap() { munmap(board, sizeof(Board)); }

void Add() { board->counter = board->counter + 1; }

void AddAtomic() { board->atomic_counter.fetch_add(1); }

void AddLocked() {
  pthread_mutex_lock(&board->mutex);
  board->counter = board->counter + 1;
  pthread_mutex_unlock(&board->mutex);
}

// The same as Add, and it waits for its turn before it reads and before it writes.
void AddInTurns(Turns& turns) {
  turns.Wait();
  const int seen = board->counter;
  turns.Did(seen);
  turns.Wait();
  board->counter = seen + 1;
  turns.Did(seen + 1);
}

std::string SixOrders() {
  int orders = 0, lost = 0;
  std::string order = "AABB";
  do {
    Map();
    SteppedProcess a(AddInTurns), b(AddInTurns);
    std::string row, last_of_a, last_of_b;
    for (const char who : order) {
      std::string& last = who == 'A' ? last_of_a : last_of_b;
      last = last.empty() ? " reads " : " writes ";
      if (!row.empty()) row += ", ";
      row += who + last + std::to_string((who == 'A' ? a : b).Step());
    }
    Print(row + ":  counter " + std::to_string(board->counter));
    ++orders;
    lost += board->counter < 2;
    Unmap();
  } while (std::next_permutation(order.begin(), order.end()));
  return std::to_string(orders) + " orders, " + std::to_string(lost) + " lose an update";
}

std::string OnTwoThreads(void (*add)()) {
  Map();
  const auto named = [add](const char* name) {
    interleave::SetThreadName(name);
    add();
  };
  std::thread one(named, "adder-1"), two(named, "adder-2");
  one.join();
  two.join();
  const int sum = board->counter + board->atomic_counter;
  Unmap();
  return "counter " + std::to_string(sum);
}

// How many of all increments are there at the end.
int InTwoProcesses(void (*add)(), int times) {
  Map();
  const auto work = [=] {
    for (int i = 0; i < times; ++i) add();
    return 0;
  };
  const pid_t one = StartProcess(work), two = StartProcess(work);
  StatusOf(one);
  StatusOf(two);
  const int sum = board->counter + board->atomic_counter;
  Unmap();
  return sum;
}

std::string Cured() {
  return "atomic " + std::to_string(InTwoProcesses(AddAtomic, 10'000)) + ", locked " +
         std::to_string(InTwoProcesses(AddLocked, 10'000));
}

std::string LetLoose() {
  const int sum = InTwoProcesses(Add, 1'000'000);
  Print(std::to_string(sum) + " of 2000000 are left");
  return sum == 2'000'000 ? "nothing was lost this time" : "updates are lost";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("38_shared_memory_race",
                      "A race between processes: can processes race, too?");
  AddPrivateMemory(lab);
  lab.Scenario("shared_memory", SixOrders)
      .Id("S1.23")
      .Says("two processes, shared memory, counter = counter + 1: each order there is, for real")
      .Outcome("6 orders, 4 lose an update", "processes do race, on what they share on purpose.");
  lab.Scenario("two_threads", [] { return OnTwoThreads(Add); })
      .Says("a model that can be counted: two threads, and memory mapped in the same way")
      .Outcome("counter 1", "counter is 1, two increments ran: one update is lost.")
      .Outcome("counter 2")
      .Schedule("1.2.1")
      .ShowsSteps()
      .ShowsCensus()
      .ShowsRaces();
  lab.Scenario("atomic", [] { return OnTwoThreads(AddAtomic); })
      .Says("cure 1: an atomic in the shared memory")
      .Outcome("counter 2")
      .ShowsCensus();
  lab.Scenario("locked", [] { return OnTwoThreads(AddLocked); })
      .Says("cure 2: a mutex in the shared memory")
      .Outcome("counter 2")
      .ShowsCensus();
  lab.Scenario("cured", Cured)
      .Says("both cures, for real: two processes, ten thousand increments each")
      .Outcome("atomic 20000, locked 20000");
  lab.Scenario("let_loose", LetLoose)
      .OnlyByName()
      .Says("two processes, a million increments each, no lock")
      .Outcome("updates are lost")
      .Outcome("nothing was lost this time")
      .Takes(std::chrono::seconds(5));
  lab.Notice(
      "Processes share nothing unless somebody gives them something, and on that they race as "
      "threads do. The cures are the same; a lock has to lie in the shared memory.");
  lab.Try("--scenario=let_loose; MAP_PRIVATE; a process that ends while it holds the lock.");
  lab.Next("39_merge_sort");
  return lab.Main(argc, argv);
}
