#include "runtime/engine/sync_barrier.h"

#include <cerrno>
#include <cstring>

#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Barriers barriers;

namespace {

// How many must arrive: what pthread_barrier_init was given. glibc keeps it in the third word, and
// there is no function that asks for it.
std::size_t Parties(const pthread_barrier_t* barrier) {
  unsigned words[3];
  std::memcpy(words, barrier, sizeof words);
  return words[2];
}

}  // namespace

int Barriers::Wait(pthread_barrier_t* address, std::uintptr_t place) {
  Thread& me = scheduler.Current();
  scheduler.Visible(StepKind::kWait, address, place);
  Barrier& barrier = barriers_.Of(address);
  ReleaseTo(barrier.clock, me);
  if (barrier.arrived.size() + 1 < Parties(address)) {
    barrier.arrived.push_back(&me);
    scheduler.Wait(StepKind::kWait, address, place, kNever);
    return 0;
  }
  me.known.Join(barrier.clock);
  for (Thread* other : barrier.arrived) {
    other->known.Join(barrier.clock);
    scheduler.WakeSettle(*other);
  }
  barrier.Reset();
  return PTHREAD_BARRIER_SERIAL_THREAD;
}

int Barriers::Renew(pthread_barrier_t* address) {
  Barrier* barrier = barriers_.Find(address);
  if (barrier == nullptr) return 0;
  if (!barrier->arrived.empty()) return EBUSY;
  barrier->Reset();
  return 0;
}

}  // namespace interleave::engine
