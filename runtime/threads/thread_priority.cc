// runtime/threads/thread_priority.cc

#include "runtime/threads/thread_priority.h"

#include <pthread.h>
#include <sched.h>

#include <stdexcept>
#include <string>

namespace interleave {

bool SetThreadPriority(int priority) {
  if (priority < 0 || priority > 99) {
    throw std::invalid_argument("SetThreadPriority: the priority is " + std::to_string(priority) +
                                ", it must be from 0 to 99");
  }
  sched_param parameters{};
  parameters.sched_priority = priority;
  const int policy = priority == 0 ? SCHED_OTHER : SCHED_FIFO;
  return pthread_setschedparam(pthread_self(), policy, &parameters) == 0;
}

int ThreadPriority() {
  int policy = SCHED_OTHER;
  sched_param parameters{};
  pthread_getschedparam(pthread_self(), &policy, &parameters);
  return parameters.sched_priority;
}

}  // namespace interleave
