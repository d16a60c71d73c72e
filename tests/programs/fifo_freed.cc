// A compressor's main thread hands blocks to a consumer through a queue and cleans up at the end.
//
// Bug: it waits until the queue is empty, not until the consumer has ended, and frees the queue's
// lock. The consumer comes back to see whether there is more.
// Fix: join first.
// Idea: pbzip2 0.9.4, the order violation of Yu and Narayanasamy 2009 and of RADBench.
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

namespace {

using namespace std::chrono_literals;

struct Fifo {
  std::unique_ptr<std::mutex> mutex = std::make_unique<std::mutex>();
  int blocks = 1;
  bool closed = false;
};

void Consume(Fifo& fifo) {
  for (;; std::this_thread::sleep_for(1ms)) {
    std::lock_guard lock(*fifo.mutex);
    if (fifo.blocks > 0) {
      --fifo.blocks;
    } else if (fifo.closed) {
      return;
    }
  }
}

void Close(Fifo& fifo) {
  for (;; std::this_thread::sleep_for(1ms)) {
    std::lock_guard lock(*fifo.mutex);
    fifo.closed = true;
    if (fifo.blocks == 0) return;
  }
}

}  // namespace

int main() {
  Fifo fifo;
  std::thread consumer([&] { Consume(fifo); });
  Close(fifo);
#ifdef FIXED
  consumer.join();
  fifo.mutex.reset();
#else
  fifo.mutex.reset();
  consumer.join();
#endif
  return 0;
}
