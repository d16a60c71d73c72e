// Lab 44: publication
//
// If the flag is up, is the message there?
//
//   writer:  message = 7;  ready.store(true);
//   reader:  if (ready.load()) print(message);
//
// In the writer's source the message comes first. That alone orders nothing for somebody else: the
// compiler may turn the two round, a processor may (an ARM does), and the reader may have read the
// message early. What orders them is a pair. The store releases, the load acquires, and where the
// load reads what the store wrote, all that the writer did before happens before all that the
// reader does behind it ([atomics.order]/2, [intro.races]/9 and 10).
//
// With relaxed there is no such pair. If the message is plain memory that is a data race, and a
// program with one has no meaning at all ([intro.races]/21): that is why the first census shows no
// wrong message, and the sentence below it counts more. If the message is an atomic itself it is no
// race, and the reader can find the flag up and the message not there ([intro.races]/14).
//
// Double-checked locking is the same question with a pointer for a flag: who finds it set uses what
// it points to and takes no lock.
//
// Run it:     bazel run //labs:44_publication
//
// Notice:     Every schedule of relaxed_flag has the right message, and it is wrong. The engine
//             finds that in any run, for nothing orders the two accesses (lab 03).
//
//             A table says of a load which store it has read, and which newer one it missed.
//
//             An x86 never shows it: its stores leave their buffer in order (lab 43), so tso has
//             no "message 0". The race is there all the same, and the compiler is free to use it.
//
// Try:        --scenario=relaxed_message --memory=tso, and sc
//             --scenario=fenced: a release fence before, an acquire fence behind
//             ([atomics.fences]/2)
//             Make the flag of released a plain bool. What is reported now?
//
// Next:       45_false_sharing
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

using interleave::MemoryMode;

namespace {

std::atomic<bool> ready;
int message;
std::atomic<int> atomic_message;

std::string WriterAndReader(void (*write)(), std::string (*read)()) {
  ready = false;
  message = 0;
  atomic_message = 0;
  std::string seen;
  std::thread writer([write] { interleave::SetThreadName("writer"), write(); });
  std::thread reader([&seen, read] { interleave::SetThreadName("reader"), seen = read(); });
  writer.join();
  reader.join();
  return seen;
}

template <std::memory_order kStore>
void Write() {
  message = 7;
  ready.store(true, kStore);
}

template <std::memory_order kLoad>
std::string Read() {
  if (!ready.load(kLoad)) return "not yet";
  return "message " + std::to_string(message);
}

void WriteAtomic() {
  atomic_message.store(7, std::memory_order_relaxed);
  ready.store(true, std::memory_order_relaxed);
}

std::string ReadAtomic() {
  if (!ready.load(std::memory_order_relaxed)) return "not yet";
  return "message " + std::to_string(atomic_message.load(std::memory_order_relaxed));
}

void WriteFenced() {
  message = 7;
  std::atomic_thread_fence(std::memory_order_release);
  ready.store(true, std::memory_order_relaxed);
}

std::string ReadFenced() {
  if (!ready.load(std::memory_order_relaxed)) return "not yet";
  std::atomic_thread_fence(std::memory_order_acquire);
  return "message " + std::to_string(message);
}

struct Settings {
  int port = 0;
};

std::atomic<Settings*> settings;
std::mutex settings_mutex;

template <std::memory_order kStore, std::memory_order kLoad>
Settings* GetSettings() {
  Settings* found = settings.load(kLoad);
  if (found != nullptr) return found;  // the first look, without the lock
  std::lock_guard<std::mutex> lock(settings_mutex);
  found = settings.load(std::memory_order_relaxed);  // the second: the lock orders this one
  if (found == nullptr) {
    found = new Settings;
    found->port = 80;
    settings.store(found, kStore);
  }
  return found;
}

template <std::memory_order kStore, std::memory_order kLoad>
std::string TwoWantSettings() {
  settings = nullptr;
  int ports = 0, others = 0;
  std::thread one([&] {
    interleave::SetThreadName("one");
    ports = GetSettings<kStore, kLoad>()->port;
  });
  std::thread two([&] {
    interleave::SetThreadName("two");
    others = GetSettings<kStore, kLoad>()->port;
  });
  one.join();
  two.join();
  delete settings;
  return "ports " + std::to_string(ports) + " and " + std::to_string(others);
}

constexpr auto kRelaxed = std::memory_order_relaxed, kRelease = std::memory_order_release,
               kAcquire = std::memory_order_acquire;

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("44_publication", "Publication: if the flag is up, is the message there?");
  lab.Scenario("relaxed_flag", [] { return WriterAndReader(Write<kRelaxed>, Read<kRelaxed>); })
      .Memory(MemoryMode::kCpp)
      .Says("a plain message behind a flag without order")
      .Outcomes({"not yet", "message 7", "message 0"})
      .ShowsCensus()
      .ShowsRaces();
  lab.Scenario("relaxed_message", [] { return WriterAndReader(WriteAtomic, ReadAtomic); })
      .Memory(MemoryMode::kCpp)
      .Says("the message is an atomic, too: no race, and no order")
      .Outcome("message 0", "the flag is up, and the message is not there.")
      .Outcomes({"not yet", "message 7"})
      .ShowsOutcome("message 0")
      .ShowsSteps()
      .ShowsCensus();
  lab.Scenario("released", [] { return WriterAndReader(Write<kRelease>, Read<kAcquire>); })
      .Memory(MemoryMode::kCpp)
      .Says("the plain message again; the store releases, the load acquires")
      .Outcomes({"not yet", "message 7"})
      .ShowsCensus();
  lab.Scenario("fenced", [] { return WriterAndReader(WriteFenced, ReadFenced); })
      .OnRequest()
      .Memory(MemoryMode::kCpp)
      .Says("a relaxed flag between two fences")
      .Outcomes({"not yet", "message 7"})
      .ShowsCensus();
  lab.Scenario("double_checked_relaxed", TwoWantSettings<kRelaxed, kRelaxed>)
      .Memory(MemoryMode::kCpp)
      .Says("double-checked locking as it was long written")
      .Outcomes({"ports 80 and 80", "ports 0 and 80", "ports 80 and 0"})
      .ShowsCensus()
      .ShowsRaces();
  lab.Scenario("double_checked", TwoWantSettings<kRelease, kAcquire>)
      .Memory(MemoryMode::kCpp)
      .Says("the same with release and acquire")
      .Outcomes({"ports 80 and 80"})
      .ShowsCensus();
  lab.Notice(
      "Acquire and release are a pair: either alone orders nothing. On an x86 both are free, so "
      "the only thing they cost there is to be written down.");
  lab.Try(
      "--scenario=relaxed_message --memory=tso --explore=all; --scenario=fenced; a plain bool for "
      "the flag.");
  lab.Next("45_false_sharing");
  return lab.Main(argc, argv);
}
