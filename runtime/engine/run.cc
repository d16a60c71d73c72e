#include "runtime/engine/run.h"

#include <sys/single_threaded.h>

#include <stdexcept>

#include "runtime/engine/annotations.h"
#include "runtime/engine/atomics.h"
#include "runtime/engine/child_processes.h"
#include "runtime/engine/descriptor_waits.h"
#include "runtime/engine/descriptors.h"
#include "runtime/engine/epoll_sets.h"
#include "runtime/engine/freed_blocks.h"
#include "runtime/engine/inside.h"
#include "runtime/engine/lock_order.h"
#include "runtime/engine/memory_model.h"
#include "runtime/engine/names.h"
#include "runtime/engine/once.h"
#include "runtime/engine/output.h"
#include "runtime/engine/races.h"
#include "runtime/engine/recorder.h"
#include "runtime/engine/signals.h"
#include "runtime/engine/step_trace.h"
#include "runtime/engine/sync.h"
#include "runtime/engine/sync_barrier.h"
#include "runtime/engine/sync_rwlock.h"
#include "runtime/engine/sync_semaphore.h"
#include "runtime/engine/timer_descriptors.h"

namespace interleave {

bool InSimulation() { return engine::Inside(); }

namespace engine {
namespace {
bool session_open = false;
}

Session::Session() {
  if (session_open) {
    throw std::logic_error("a simulation is running in this process; there can be one at a time");
  }
  session_open = true;
  // libstdc++ leaves out atomic operations while it believes that the process has one thread.
  __libc_single_threaded = false;
  HoldNothingBack();
  scheduler.Begin();
  races.Clear();
  lock_order.Clear();
}

Session::~Session() {
  session_open = false;
  recorder.on = false;
  lock_order.detailed = false;
  races.on = true;
  SetMemoryMode(MemoryMode::kSc);
}

const Scheduler::Result& Session::Run(const Body& body, Strategy& strategy, Time start,
                                      std::int64_t step_budget) {
  locks.Clear();
  rwlocks.Clear();
  semaphores.Clear();
  barriers.Clear();
  once.Clear();
  atomics.Clear();
  if (memory_model != nullptr) memory_model->BeginRun();
  annotations.Clear();
  races.BeginRun();
  output.Clear();
  names.BeginRun();
  lock_order.BeginRun();
  recorder.Clear();
  step_trace.Clear();
  step_trace.on = strategy.WantsSteps();
  descriptors.BeginRun();
  descriptor_waits.BeginRun();
  epoll_sets.BeginRun();
  timer_descriptors.BeginRun();
  signals.BeginRun();
  child_processes.BeginRun();
  scheduler.Run(body, strategy, start, step_budget);
  child_processes.EndRun();
  signals.EndRun();
  descriptors.EndRun();
  freed_blocks.Release();
  if (scheduler.GetResult().ending != Ending::kDeadlock) lock_order.EndRun();
  return scheduler.GetResult();
}

}  // namespace engine
}  // namespace interleave
