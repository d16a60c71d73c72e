// Lab 27, are there enough consumers? The queue's length tells.
#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

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

constexpr std::array kConsumers = {4, 8, 16};

struct Library {
  AsyncQueue<int> numbers{};
  int looked_up = 0;
  std::vector<std::size_t> sizes{};  // of the queue, second by second
};

// The catalogue takes 0.3 to 0.5 s for an answer.
Task<void> Ask(int number) { co_await SleepFor(300ms + 1ms * (number * number * 31 % 201)); }

Task<void> Produce(Library& library) {
  for (int number = 0; number < 200; ++number) {
    library.numbers.PutNow(number);
    co_await SleepFor(50ms);
  }
}

Task<void> Consume(Library& library) {
  try {
    for (;;) {
      co_await Ask(co_await library.numbers.Get());
      ++library.looked_up;
      library.numbers.TaskDone();
    }
  } catch (const interleave::Closed&) {  // no more numbers will come
  }
}

Task<void> Watch(Library& library) {
  for (;;) {
    library.sizes.push_back(library.numbers.size());
    co_await SleepFor(1s);
  }
}

Task<void> Main(Library& library, int consumers) {
  interleave::TaskHandle<void> watch = Spawn(Watch(library), "watch");
  for (int i = 1; i <= consumers; ++i) {
    Spawn(Consume(library), "consumer-" + std::to_string(i));
  }
  co_await Produce(library);
  co_await library.numbers.Join();
  library.numbers.Shutdown();
  watch.Cancel();
}

void AddColumn(std::string& line, std::size_t column, const std::string& text) {
  line.resize(6 + 27 * column, ' ');
  line += text;
}

// A table: a row each second, a column for each number of consumers.
std::string Sizes() {
  std::array<std::vector<std::size_t>, kConsumers.size()> sizes;
  std::string line = "time";
  int looked_up = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Library library;
    Run(Main(library, kConsumers[i]));
    sizes[i] = library.sizes;
    looked_up += library.looked_up;
    AddColumn(line, i, std::to_string(kConsumers[i]) + " consumers");
  }
  Print(line);
  for (std::size_t second = 0; second < sizes[0].size(); ++second) {
    line = std::to_string(second) + " s";
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (second >= sizes[i].size()) continue;
      const std::size_t size = sizes[i][second];
      AddColumn(line, i, std::to_string(size));
      if (size > 0) line += " " + std::string((size + 4) / 5, '#');
    }
    Print(line);
  }
  return std::to_string(looked_up) + " looked up";
}

}  // namespace

void AddSizes(interleave::Lab& lab) {
  lab.Scenario("sizes", Sizes)
      .Id("S3.10")
      .Says("200 numbers, 20 a second: how many are queued, with 4, 8 and 16 consumers?")
      .Outcome("600 looked up", "all were looked up: by 4 in 20 s, by 8 or 16 in 10.4 s.")
      .Takes(42s);
}
