// Lab 27, the article's programs: eight consumers that look ISBNs up (S3.09, with a catalogue in
// place of the network), and the calls that do not wait (S3.11).
//
// The article's program goes on until Ctrl-C; here the producer stops after a hundred numbers.
#include <chrono>
#include <random>
#include <stdexcept>
#include <string>

#include "runtime/async/async_queue.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/queue_errors.h"

using interleave::AsyncQueue;
using interleave::Print;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using namespace std::chrono_literals;

namespace {

constexpr int kConsumers = 8;

// Has a place of its own, since the consumers outlive main for a moment.
struct Library {
  AsyncQueue<std::string> queue;
  std::mt19937 random{2023};
  int looked_up = 0;
};

// The last digit checks the others: with weights from 10 down to 1 the sum is a multiple of 11.
// Of random numbers, one in eleven is valid.
bool IsValid(const std::string& isbn) {
  int sum = 0;
  for (int i = 0; i < 10; ++i) sum += (10 - i) * (isbn[i] - '0');
  return sum % 11 == 0;
}

// What the catalogue says of a number, as Python prints it: {} if there is no such book.
Task<std::string> Find(std::string isbn) {
  co_await SleepFor(300ms + 20ms * (isbn[8] - '0') + 2ms * (isbn[7] - '0'));
  if (!IsValid(isbn)) co_return "{}";
  const std::string url = "http://books.example/" + isbn;
  co_return "{'ISBN:" + isbn + "': {'bib_key': 'ISBN:" + isbn + "', 'info_url': '" + url +
      "', 'preview': 'noview', 'preview_url': '" + url + "', 'thumbnail_url': '" + url + ".jpg'}}";
}

Task<void> Producer(Library& library) {
  std::uniform_int_distribution<int> digit(0, 9);
  for (int i = 0; i < 100; ++i) {
    std::string random_isbn;
    for (int k = 0; k < 10; ++k) random_isbn += std::to_string(digit(library.random));
    library.queue.PutNow(random_isbn);
    co_await SleepFor(50ms);
  }
}

Task<void> Consumer(int number, Library& library) {
  try {
    for (;;) {
      const std::string isbn = co_await library.queue.Get();
      const std::string book = co_await Find(isbn);
      if (book != "{}") {
        Print("Consumer " + std::to_string(number) + " found valid ISBN. Current queue size: " +
              std::to_string(library.queue.size()) + ". Discovered book: " + book);
      }
      ++library.looked_up;
      library.queue.TaskDone();
    }
  } catch (const interleave::Closed&) {
  }
}

Task<void> Main(Library& library) {
  for (int i = 0; i < kConsumers; ++i) Spawn(Consumer(i, library));
  co_await Producer(library);
  co_await library.queue.Join();
  library.queue.Shutdown();
}

std::string FindBooks() {
  Library library;
  Run(Main(library));
  return std::to_string(library.looked_up) + " numbers looked up";
}

Task<void> PutOne(AsyncQueue<int>& queue, int item) {
  co_await queue.Put(item);
  Print("Put(" + std::to_string(item) + ") has been let in");
}

Task<std::string> WithoutWaiting() {
  AsyncQueue<int> queue(2);
  Print("a queue with room for two:");
  queue.PutNow(1);
  queue.PutNow(2);
  try {
    queue.PutNow(3);
  } catch (const interleave::QueueFull& full) {
    Print(std::string("PutNow(3) throws QueueFull: ") + full.what());
  }
  interleave::TaskHandle<void> put = Spawn(PutOne(queue, 3));
  co_await interleave::Yield();
  Print("Put(3) waits");
  Print("GetNow() gives " + std::to_string(queue.GetNow()) + ", so there is room");
  co_await put;
  while (!queue.empty()) Print("GetNow() gives " + std::to_string(queue.GetNow()));
  try {
    queue.GetNow();
  } catch (const interleave::QueueEmpty& empty) {
    Print(std::string("GetNow() throws QueueEmpty: ") + empty.what());
  }
  Print("unfinished: " + std::to_string(queue.unfinished()) + ", so Join would wait");
  for (int i = 0; i < 3; ++i) queue.TaskDone();
  co_await queue.Join();
  Print("TaskDone() three times: unfinished: " + std::to_string(queue.unfinished()));
  try {
    queue.TaskDone();
  } catch (const std::invalid_argument& once_too_often) {
    Print(std::string("TaskDone() throws ") + once_too_often.what());
  }
  co_return "nobody had to guess";
}

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("isbn", FindBooks)
      .Id("S3.09")
      .OnRequest()
      .Says("the article's program: eight consumers look up a hundred random ISBNs")
      .Outcome("100 numbers looked up")
      .Takes(6s);
  lab.Scenario("without_waiting", [] { return Run(WithoutWaiting()); })
      .Id("S3.11")
      .OnRequest()
      .Says("the calls that do not wait, and the count of what is unfinished")
      .Outcome("nobody had to guess");
}
