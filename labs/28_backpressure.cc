// Lab 28: backpressure
//
// What if the consumers are too slow?
//
// A crawler fetches a page every 0.1 s and puts it into a queue; whoever saves it to the disk needs
// 0.25 s. A queue evens out what comes in bursts. It cannot make up for a consumer that is too slow
// all the time: then it only grows. The program seems to be fine, and uses more memory by the
// second; what is saved is older and older; and it breaks somewhere else, hours later, when the
// memory is gone.
//
// The cure is to let the producer feel it. A queue with room for four pages makes Put wait when it
// is full, and the crawler becomes as slow as the disk. That is backpressure. It works along a
// whole chain: whoever feeds the crawler waits for the crawler.
//
// Who must not wait can only let go: PutNow throws QueueFull, and the page is left out. So there
// are three answers, grow, wait and refuse. Growing is the only one that nobody chooses on purpose,
// and it is what happens if nobody chooses.
//
// Run it:     bazel run //labs:28_backpressure
//
// Notice:     waits_for_room takes longer, 50 s instead of 20 s, until the crawler is done. The
//             last page is saved at the same time: the disk was the limit all along. What has
//             changed is what waits meanwhile, and how old a page is when it is saved.
//
//             refuses keeps the crawler's pace, and saves two pages of five.
//
// Try:        kRoom = 1: is it slower? kRoom = 100: what is it good for?
//             Let three tasks save. Which of the three answers is still needed?
//
// Next:       29_cancellation
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

#include "runtime/async/async_queue.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/queue_errors.h"

namespace {

using interleave::AsyncQueue;
using interleave::Print;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskHandle;
using namespace std::chrono_literals;
using Clock = interleave::EventLoop::Clock;

constexpr int kPages = 200;
constexpr std::size_t kRoom = 4;

struct Page {
  int number;
  Clock::time_point fetched;
};

struct Crawl {
  AsyncQueue<Page> pages;
  int fetched = 0, saved = 0, refused = 0;
  std::size_t most_waiting = 0;
  Clock::duration age{};  // of the page that was saved last
};

Task<Page> Fetch(Crawl& crawl) {
  co_await SleepFor(100ms);
  crawl.most_waiting = std::max(crawl.most_waiting, crawl.pages.size());
  co_return Page{++crawl.fetched, Clock::now()};
}

Task<void> Put(Crawl& crawl) {
  for (int i = 0; i < kPages; ++i) co_await crawl.pages.Put(co_await Fetch(crawl));
}

Task<void> PutOrRefuse(Crawl& crawl) {
  for (int i = 0; i < kPages; ++i) {
    const Page page = co_await Fetch(crawl);
    try {
      crawl.pages.PutNow(page);
    } catch (const interleave::QueueFull&) {
      ++crawl.refused;
    }
  }
}

Task<void> Save(Crawl& crawl) {
  try {
    for (;;) {
      const Page page = co_await crawl.pages.Get();
      co_await SleepFor(250ms);
      crawl.age = Clock::now() - page.fetched;
      ++crawl.saved;
    }
  } catch (const interleave::Closed&) {  // and empty
  }
}

Task<void> Watch(const Crawl& crawl) {
  for (int second = 10;; second += 10) {
    co_await SleepFor(10s);
    char line[120];
    const double age = std::chrono::duration<double>(crawl.age).count();
    std::snprintf(line, sizeof line,
                  "%2d s  fetched %3d  saved %3d, the last %4.1f s old  waiting %3zu", second,
                  crawl.fetched, crawl.saved, age, crawl.pages.size());
    std::string bar(crawl.pages.size() / 4, '#');
    Print(bar.empty() ? line : line + (" " + bar));
  }
}

Task<void> Main(Crawl& crawl, Task<void> (*produce)(Crawl&)) {
  TaskHandle<void> save = Spawn(Save(crawl), "save");
  TaskHandle<void> watch = Spawn(Watch(crawl), "watch");
  co_await produce(crawl);
  crawl.pages.Shutdown();  // no more will come
  co_await save;
  watch.Cancel();
  Print("at most " + std::to_string(crawl.most_waiting) + " pages waited, " +
        std::to_string(crawl.refused) + " were left out");
}

std::string CrawlWith(std::size_t room, Task<void> (*produce)(Crawl&)) {
  Crawl crawl{.pages = AsyncQueue<Page>(room)};  // 0: without a limit
  Run(Main(crawl, produce));
  const bool bounded = crawl.most_waiting <= kRoom;
  return std::string(bounded ? "never more than its room" : "more and more pages waited") +
         (crawl.refused == 0 ? ", none left out" : ", some left out");
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("28_backpressure", "Backpressure: what if the consumers are too slow?");
  // The first and the last without outcomes that are expected: a real machine has its own figures.
  lab.Scenario("grows", [] { return CrawlWith(0, Put); })
      .Id("S3.10")
      .Says("ten pages a second come in, four go out; a queue without a limit")
      .Takes(51s);
  lab.Scenario("waits_for_room", [] { return CrawlWith(kRoom, Put); })
      .Says("cure 1: the same, a queue with room for four pages; Put waits")
      .Outcome("never more than its room, none left out")
      .PermutesTasks()
      .ShowsCensus("random:100")
      .Takes(51s);
  lab.Scenario("refuses", [] { return CrawlWith(kRoom, PutOrRefuse); })
      .Says("cure 2: the same room; PutNow, and what does not fit is left out")
      .Takes(51s);
  lab.Notice(
      "The disk is as slow as before, and decides how many pages are saved a second. What a limit "
      "decides is who waits: with it the crawler, without it the pages, in memory that grows.");
  lab.Try("kRoom = 1 and kRoom = 100; three tasks that Save.");
  lab.Next("29_cancellation");
  return lab.Main(argc, argv);
}
