// runtime/threads/priority_mutex.cc

#include "runtime/threads/priority_mutex.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace interleave {
namespace {

// A std::mutex to which the kernel applies inheritance.
class InheritingMutex : public std::mutex {
 public:
  InheritingMutex() {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(native_handle(), &attributes);
    pthread_mutexattr_destroy(&attributes);
  }
};

// Guards every PriorityMutex and every Member. With a plain std::mutex the trouble would begin anew
// in here: a thread that unlocks and goes back to its own priority holds this one at that moment, a
// less urgent one takes the processor, and the urgent one, woken already, waits for both.
InheritingMutex bookkeeping;

struct Priority {
  int policy = SCHED_OTHER;
  int level = 0;

  static Priority Of(pthread_t thread) {
    Priority priority;
    sched_param parameters{};
    pthread_getschedparam(thread, &priority.policy, &parameters);
    priority.level = parameters.sched_priority;
    return priority;
  }

  // May be refused; then it stays as it is, which is what it would be without this lock.
  void GiveTo(pthread_t thread) const {
    sched_param parameters{};
    parameters.sched_priority = level;
    pthread_setschedparam(thread, policy, &parameters);
  }
};

}  // namespace

// Made by its thread when it first locks one. It is not the thread_local itself, since other
// threads look at it.
struct PriorityMutex::Member {
  const pthread_t thread = pthread_self();
  Priority own;        // what it goes back to; of use only while it has inherited
  Priority effective;  // with what it inherited
  bool has_inherited = false;
  std::vector<PriorityMutex*> held;
  PriorityMutex* waits_for = nullptr;
  bool has_lock = false;  // that it waited for
  std::condition_variable turn;

  // Somebody may have changed its priority since the last time.
  void Look() {
    if (!has_inherited) effective = Priority::Of(thread);
  }

  void RunWith(const Priority& priority) {
    if (!has_inherited) own = effective;
    has_inherited = true;
    effective = priority;
    effective.GiveTo(thread);
  }

  // As urgent as itself, and as the most urgent of those who still wait for what it holds.
  void GoBack() {
    if (!has_inherited) return;
    const Priority before = effective;
    effective = own;
    for (const PriorityMutex* mutex : held) {
      if (mutex->waiting_.empty()) continue;
      const Priority& first = mutex->waiting_.front()->effective;
      if (first.level > effective.level) effective = first;
    }
    has_inherited = effective.level != own.level;
    if (effective.level != before.level) effective.GiveTo(thread);
  }
};

PriorityMutex::Member& PriorityMutex::Self() {
  thread_local const auto member = std::make_unique<Member>();
  return *member;
}

void PriorityMutex::Take(Member& member) {
  holder_ = &member;
  member.held.push_back(this);
}

void PriorityMutex::StandInLine(Member& member) {
  const auto behind = std::find_if(waiting_.begin(), waiting_.end(), [&](const Member* other) {
    return other->effective.level < member.effective.level;
  });
  waiting_.insert(behind, &member);
}

// Along the chain of holders that wait for another lock themselves. It ends at one who is urgent
// enough, so it also ends where the chain is a circle.
void PriorityMutex::Inherit(const Member& from) {
  for (PriorityMutex* mutex = this; mutex != nullptr;) {
    Member& holder = *mutex->holder_;
    holder.Look();
    if (holder.effective.level >= from.effective.level) return;
    holder.RunWith(from.effective);
    mutex = holder.waits_for;
    if (mutex == nullptr) return;
    mutex->waiting_.remove(&holder);  // to the place that it has now
    mutex->StandInLine(holder);
  }
}

void PriorityMutex::lock() {
  Member& me = Self();
  std::unique_lock<std::mutex> guard(bookkeeping);
  if (holder_ == nullptr) {
    Take(me);
    return;
  }
  if (holder_ == &me) throw std::logic_error("PriorityMutex::lock: this thread holds it already");
  me.Look();
  me.has_lock = false;
  me.waits_for = this;
  StandInLine(me);
  Inherit(me);
  me.turn.wait(guard, [&] { return me.has_lock; });
}

bool PriorityMutex::try_lock() {
  Member& me = Self();
  std::lock_guard<std::mutex> guard(bookkeeping);
  if (holder_ != nullptr) return false;
  Take(me);
  return true;
}

// The next one needs to inherit nothing: it was the most urgent of those who waited.
void PriorityMutex::unlock() {
  Member& me = Self();
  std::lock_guard<std::mutex> guard(bookkeeping);
  if (holder_ != &me) throw std::logic_error("PriorityMutex::unlock: this thread does not hold it");
  me.held.erase(std::find(me.held.begin(), me.held.end(), this));
  holder_ = nullptr;
  if (!waiting_.empty()) {
    Member& next = *waiting_.front();
    waiting_.pop_front();
    next.waits_for = nullptr;
    Take(next);
    next.has_lock = true;
    next.turn.notify_one();
  }
  me.GoBack();
}

}  // namespace interleave
