// runtime/process/process_mutex.cc

#include "runtime/process/process_mutex.h"

#include <cerrno>
#include <system_error>

namespace interleave {
namespace {

void Check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

ProcessMutex::ProcessMutex() {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  const int error = pthread_mutex_init(&mutex_, &attributes);
  pthread_mutexattr_destroy(&attributes);
  Check(error, "ProcessMutex");
}

void ProcessMutex::lock() {
  if (!LockOrRepair()) damaged_ = true;
  CheckWhole();
}

bool ProcessMutex::try_lock() {
  const int error = pthread_mutex_trylock(&mutex_);
  if (error == EBUSY) return false;
  if (error == EOWNERDEAD) {
    pthread_mutex_consistent(&mutex_);
    damaged_ = true;
  } else {
    Check(error, "ProcessMutex::try_lock");
  }
  CheckWhole();
  return true;
}

void ProcessMutex::CheckWhole() {
  if (!damaged_) return;
  unlock();
  throw OwnerDied();
}

void ProcessMutex::unlock() { Check(pthread_mutex_unlock(&mutex_), "ProcessMutex::unlock"); }

bool ProcessMutex::LockOrRepair() {
  const int error = pthread_mutex_lock(&mutex_);
  if (error == EOWNERDEAD) {
    pthread_mutex_consistent(&mutex_);
    return false;
  }
  Check(error, "ProcessMutex::lock");
  const bool whole = !damaged_;
  damaged_ = false;
  return whole;
}

}  // namespace interleave
