// The boundary for signals: what is sent within the simulation stays in it.
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/engine/boundary.h"
#include "runtime/engine/child_processes.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/signals.h"

namespace interleave::engine {
namespace {

constinit Real<int(int, const struct sigaction*, struct sigaction*)> real_sigaction{"sigaction"};
constinit Real<sighandler_t(int, sighandler_t)> real_signal{"signal"};
INTERLEAVE_REAL(raise);
INTERLEAVE_REAL(kill);
INTERLEAVE_REAL(sigqueue);
INTERLEAVE_REAL(pthread_kill);
INTERLEAVE_REAL(pthread_sigmask);
INTERLEAVE_REAL(sigprocmask);
INTERLEAVE_REAL(sigpending);
INTERLEAVE_REAL(sigwait);
INTERLEAVE_REAL(sigtimedwait);
INTERLEAVE_REAL(sigsuspend);
INTERLEAVE_REAL(pause);
INTERLEAVE_REAL(signalfd);
INTERLEAVE_REAL(alarm);
INTERLEAVE_REAL(setitimer);
INTERLEAVE_REAL(timer_create);

bool IsSignal(int signal) { return signal >= 1 && signal <= Signals::kSignals; }

siginfo_t Info(int signal, int code) {
  siginfo_t info = {};
  info.si_signo = signal;
  info.si_code = code;
  info.si_pid = getpid();
  info.si_uid = getuid();
  return info;
}

void DeliverOwn() {
  if (scheduler.Current().signalled) signals.Deliver();
}

// To this process; 0 and -1 as kill.
int SendToProcess(const siginfo_t& info, std::uintptr_t place) {
  if (info.si_signo == 0) return 0;
  if (!IsSignal(info.si_signo)) {
    errno = EINVAL;
    return -1;
  }
  EngineScope scope;
  signals.Send(info, nullptr, place);
  DeliverOwn();
  return 0;
}

int ChangeMask(int how, const sigset_t* set, sigset_t* before) {
  const SignalSet mask = signals.Mask();
  if (before != nullptr) FromSignalSet(mask, before);
  if (set == nullptr) return 0;
  const SignalSet given = ToSignalSet(*set);
  switch (how) {
    case SIG_BLOCK:
      signals.SetMask(mask | given);
      return 0;
    case SIG_UNBLOCK:
      signals.SetMask(mask & ~given);
      break;
    case SIG_SETMASK:
      signals.SetMask(given);
      break;
    default:
      return EINVAL;
  }
  signals.Deliver();
  return 0;
}

}  // namespace
}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_BOUNDARY int sigaction(int signal, const struct sigaction* action,
                                  struct sigaction* before) noexcept {
  if (!Inside()) return real_sigaction(signal, action, before);
  EngineScope scope;
  return signals.SetAction(signal, action, before);
}

INTERLEAVE_BOUNDARY sighandler_t signal(int number, sighandler_t handler) noexcept {
  if (!Inside()) return real_signal(number, handler);
  EngineScope scope;
  struct sigaction action = {}, before = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  return signals.SetAction(number, &action, &before) == 0 ? before.sa_handler : SIG_ERR;
}

INTERLEAVE_BOUNDARY int raise(int signal) noexcept {
  if (!Inside()) return real_raise(signal);
  if (!IsSignal(signal)) {
    errno = EINVAL;
    return -1;
  }
  RaiseHere(signal, INTERLEAVE_PLACE);
  return 0;
}

INTERLEAVE_BOUNDARY int kill(pid_t pid, int signal) noexcept {
  if (!Inside()) return real_kill(pid, signal);
  if (pid != getpid() && pid != 0) {
    const int result = real_kill(pid, signal);
    if (result == 0 && signal == SIGKILL) child_processes.AwaitEndOfKilled(pid);
    return result;
  }
  return SendToProcess(Info(signal, SI_USER), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int sigqueue(pid_t pid, int signal, const sigval value) noexcept {
  if (!Inside() || pid != getpid()) return real_sigqueue(pid, signal, value);
  siginfo_t info = Info(signal, SI_QUEUE);
  info.si_value = value;
  return SendToProcess(info, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_kill(pthread_t handle, int signal) noexcept {
  if (!Inside()) return real_pthread_kill(handle, signal);
  EngineScope scope;
  Thread* target = ThreadOf(handle);
  if (target == nullptr || target->ended) return ESRCH;
  if (signal == 0) return 0;
  if (!IsSignal(signal)) return EINVAL;
  signals.Send(Info(signal, SI_TKILL), target, INTERLEAVE_PLACE);
  DeliverOwn();
  return 0;
}

INTERLEAVE_BOUNDARY int pthread_sigmask(int how, const sigset_t* set, sigset_t* before) noexcept {
  if (!Inside()) return real_pthread_sigmask(how, set, before);
  EngineScope scope;
  return ChangeMask(how, set, before);
}

INTERLEAVE_BOUNDARY int sigprocmask(int how, const sigset_t* set, sigset_t* before) noexcept {
  if (!Inside()) return real_sigprocmask(how, set, before);
  EngineScope scope;
  int error = ChangeMask(how, set, before);
  if (error == 0) return 0;
  errno = error;
  return -1;
}

INTERLEAVE_BOUNDARY int sigpending(sigset_t* set) noexcept {
  if (!Inside()) return real_sigpending(set);
  EngineScope scope;
  FromSignalSet(signals.Pending(), set);
  return 0;
}

INTERLEAVE_BOUNDARY int sigwait(const sigset_t* set, int* signal) {
  if (!Inside()) return real_sigwait(set, signal);
  EngineScope scope;
  int taken;
  do {
    taken = signals.Wait(ToSignalSet(*set), nullptr, kNever, INTERLEAVE_PLACE);
  } while (taken < 0);
  *signal = taken;
  return 0;
}

INTERLEAVE_BOUNDARY int sigtimedwait(const sigset_t* set, siginfo_t* info,
                                     const timespec* timeout) {
  if (!Inside()) return real_sigtimedwait(set, info, timeout);
  EngineScope scope;
  Time deadline = timeout == nullptr ? kNever : scheduler.Clock().Now() + ToTime(*timeout);
  return signals.Wait(ToSignalSet(*set), info, deadline, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int sigwaitinfo(const sigset_t* set, siginfo_t* info) {
  return sigtimedwait(set, info, nullptr);
}

INTERLEAVE_BOUNDARY int pause() {
  if (!Inside()) return real_pause();
  EngineScope scope;
  return signals.Pause(INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int sigsuspend(const sigset_t* mask) {
  if (!Inside()) return real_sigsuspend(mask);
  EngineScope scope;
  const SignalSet before = signals.Mask();
  signals.SetMask(ToSignalSet(*mask));
  if (signals.Pending() & ~signals.Mask()) {
    signals.Deliver();
  } else {
    signals.Pause(INTERLEAVE_PLACE);
  }
  signals.SetMask(before);
  errno = EINTR;
  return -1;
}

INTERLEAVE_BOUNDARY int signalfd(int fd, const sigset_t* set, int flags) noexcept {
  if (!Inside()) return real_signalfd(fd, set, flags);
  EngineScope scope;
  return signals.Open(fd, ToSignalSet(*set), flags);
}

// Signals by the real clock have no place in a virtual time.

INTERLEAVE_BOUNDARY unsigned alarm(unsigned seconds) noexcept {
  if (Inside() && seconds > 0) Unsupported("alarm");
  return real_alarm(seconds);
}

INTERLEAVE_BOUNDARY int setitimer(__itimer_which_t which, const itimerval* value,
                                  itimerval* before) noexcept {
  if (Inside()) Unsupported("setitimer");
  return real_setitimer(which, value, before);
}

INTERLEAVE_BOUNDARY int timer_create(clockid_t clock, sigevent* event, timer_t* timer) noexcept {
  if (Inside()) Unsupported("timer_create");
  return real_timer_create(clock, event, timer);
}
