#include "runtime/engine/atomics.h"

#include "runtime/engine/memory_model.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Atomics atomics;

void Atomics::Read(Thread& thread, const void* address, MemoryOrder order) {
  thread.last_atomic_read = address;
  if (memory_model != nullptr) memory_model->Learned(thread, address);
  Location& location = locations_.Of(address);
  (Acquires(order) ? thread.known : thread.pending_acquires).Join(location.released);
}

void Atomics::Write(Thread& thread, const void* address, MemoryOrder order) {
  Location& location = locations_.Of(address);
  location.released.Clear();  // a plain store ends the release sequence, also of one's own
  if (Releases(order)) {
    ReleaseTo(location.released, thread);
  } else {
    location.released.Join(thread.release_fence);
  }
}

void Atomics::Update(Thread& thread, const void* address, MemoryOrder order) {
  thread.last_atomic_read = address;
  Location& location = locations_.Of(address);
  (Acquires(order) ? thread.known : thread.pending_acquires).Join(location.released);
  if (Releases(order)) {
    ReleaseTo(location.released, thread);
  } else {
    location.released.Join(thread.release_fence);
  }
}

void Atomics::Fence(Thread& thread, MemoryOrder order) {
  if (Acquires(order)) thread.known.Join(thread.pending_acquires);
  if (Releases(order)) {
    thread.release_fence.Clear();
    ReleaseTo(thread.release_fence, thread);
  }
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
