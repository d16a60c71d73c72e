#include "runtime/engine/atomics.h"

#include "runtime/engine/memory_model.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Atomics atomics;

void Atomics::Read(Thread& thread, const void* address, MemoryOrder order) {
  thread.last_atomic_read = address;
  if (memory_model != nullptr) memory_model->Learned(thread, address);
  Location& location = locations_.Of(address);
  AcquireFrom(location.released, thread, order);
}

void Atomics::Write(Thread& thread, const void* address, MemoryOrder order) {
  Location& location = locations_.Of(address);
  location.released.Clear();  // a plain store ends the release sequence, also of one's own
  ReleaseTo(location.released, thread, order);
}

void Atomics::Update(Thread& thread, const void* address, MemoryOrder order) {
  thread.last_atomic_read = address;
  Location& location = locations_.Of(address);
  AcquireFrom(location.released, thread, order);
  ReleaseTo(location.released, thread, order);
}

void Atomics::Publish(const void* address) {
  Thread& thread = scheduler.Current();
  if (memory_model != nullptr) return memory_model->Published(thread, address);
  Write(thread, address, MemoryOrder::kRelease);
}

void Atomics::Forget(std::uintptr_t begin) {
  if (memory_model != nullptr) memory_model->Forget(begin);
  for (std::uintptr_t address = begin; address < begin + 8; ++address) {
    Location* location = locations_.Find(reinterpret_cast<const void*>(address));
    if (location != nullptr) location->Reset();
  }
}

}  // namespace interleave::engine
