#include "runtime/engine/signals.h"

#include <fcntl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "runtime/engine/boundary.h"
#include "runtime/engine/descriptor_waits.h"
#include "runtime/engine/descriptors.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Signals signals;

namespace {

INTERLEAVE_REAL(raise);
INTERLEAVE_REAL(pipe2);
INTERLEAVE_REAL(write);
INTERLEAVE_REAL(close);
constinit Real<int(int, const struct sigaction*, struct sigaction*)> real_sigaction{"sigaction"};

constexpr SignalSet kFaults = SignalSet{1} << (SIGSEGV - 1) | SignalSet{1} << (SIGBUS - 1) |
                              SignalSet{1} << (SIGFPE - 1) | SignalSet{1} << (SIGILL - 1) |
                              SignalSet{1} << (SIGABRT - 1);

// The kernel calls this at any moment, on any thread: it only takes a note.
std::atomic<SignalSet> arrived{0};

void OnArrival(int signal) {
  arrived.fetch_or(BitOf(signal));
  signals_due.store(true);
}

// SIGRTMIN and above are queued, the others are pending or not.
void AddPending(std::vector<siginfo_t>& pending, const siginfo_t& info) {
  bool there = std::any_of(pending.begin(), pending.end(),
                           [&](const siginfo_t& other) { return other.si_signo == info.si_signo; });
  if (!there || info.si_signo >= SIGRTMIN) pending.push_back(info);
}

// The lowest number first, of equal ones the oldest.
bool TakeFrom(std::vector<siginfo_t>& pending, SignalSet set, siginfo_t* info) {
  auto first = pending.end();
  for (auto one = pending.begin(); one != pending.end(); ++one) {
    if (!(set & BitOf(one->si_signo))) continue;
    if (first == pending.end() || one->si_signo < first->si_signo) first = one;
  }
  if (first == pending.end()) return false;
  *info = *first;
  pending.erase(first);
  return true;
}

}  // namespace

SignalSet ToSignalSet(const sigset_t& set) {
  SignalSet signals = 0;
  for (int signal = 1; signal <= Signals::kSignals; ++signal) {
    if (sigismember(&set, signal) == 1) signals |= BitOf(signal);
  }
  return signals;
}

void FromSignalSet(SignalSet signals, sigset_t* set) {
  sigemptyset(set);
  for (int signal = 1; signal <= Signals::kSignals; ++signal) {
    if (signals & BitOf(signal)) sigaddset(set, signal);
  }
}

void Signals::BeginRun() {
  threads_.clear();
  pending_.clear();
  readers_.clear();
  waiters_.clear();
  set_ = 0;
  clock_.Clear();
  arrived.store(0, std::memory_order_relaxed);
  signals_due.store(false, std::memory_order_relaxed);
}

void Signals::EndRun() {
  for (int signal = 1; installed_ != 0 && signal <= kSignals; ++signal) {
    if (!IsInstalled(signal)) continue;
    real_sigaction(signal, &before_[signal], nullptr);
    installed_ &= ~BitOf(signal);
  }
  for (const Reader& reader : readers_) real_close(reader.other_end);
}

void Signals::LeaveSimulation() {
  for (int signal = 1; signal <= kSignals; ++signal) {
    if (set_ & BitOf(signal)) real_sigaction(signal, &actions_[signal], nullptr);
  }
}

Signals::PerThread& Signals::Of(const Thread& thread) {
  if (thread.number >= threads_.size()) threads_.resize(thread.number + 1);
  return threads_[thread.number];
}

void Signals::Created(const Thread& thread, const Thread& creator) {
  if (creator.number >= threads_.size()) return;  // it has never set one
  const SignalSet mask = Of(creator).mask;
  Of(thread).mask = mask;
}

int Signals::SetAction(int signal, const struct sigaction* action, struct sigaction* before) {
  if (signal < 1 || signal > kSignals || signal == SIGKILL || signal == SIGSTOP) {
    errno = EINVAL;
    return -1;
  }
  if (before != nullptr) {
    *before = actions_[signal];
    if (!(set_ & BitOf(signal)) && real_sigaction(signal, nullptr, before) != 0) return -1;
  }
  if (action == nullptr) return 0;
  actions_[signal] = *action;
  set_ |= BitOf(signal);
  if (kFaults & BitOf(signal)) return 0;  // the engine itself has to see these
  bool calls = action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN;
  if (calls && !IsInstalled(signal)) {
    struct sigaction note = {};
    note.sa_handler = OnArrival;
    if (real_sigaction(signal, &note, &before_[signal]) == 0) installed_ |= BitOf(signal);
  } else if (!calls && IsInstalled(signal)) {
    real_sigaction(signal, &before_[signal], nullptr);
    installed_ &= ~BitOf(signal);
  }
  return 0;
}

SignalSet Signals::Mask() { return Of(scheduler.Current()).mask; }

void Signals::SetMask(SignalSet mask) {
  Of(scheduler.Current()).mask = mask & ~(BitOf(SIGKILL) | BitOf(SIGSTOP));
}

SignalSet Signals::Pending() {
  SignalSet signals = 0;
  for (const siginfo_t& info : pending_) signals |= BitOf(info.si_signo);
  for (const siginfo_t& info : Of(scheduler.Current()).pending) signals |= BitOf(info.si_signo);
  return signals;
}

bool Signals::IsIgnored(int signal) const {
  bool ignored_by_default =
      signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT;
  if (!(set_ & BitOf(signal))) return ignored_by_default;
  auto handler = actions_[signal].sa_handler;
  return handler == SIG_IGN || (handler == SIG_DFL && ignored_by_default);
}

// Who takes a signal to the process: the first thread that does not block it, rather one that can
// run or can be interrupted than one that waits for a lock. If all block it, it stays pending.
Thread& Signals::TakerOf(int signal) {
  Thread* taker = nullptr;
  for (std::size_t t = 0; t < scheduler.ThreadCount(); ++t) {
    Thread& thread = scheduler.At(t);
    if (thread.ended || (Of(thread).mask & BitOf(signal))) continue;
    if (taker == nullptr) taker = &thread;
    bool soon = &thread == &scheduler.Current() || scheduler.IsReady(thread) ||
                thread.next.kind == StepKind::kSleep || descriptor_waits.Has(thread);
    if (soon) return thread;
  }
  return taker != nullptr ? *taker : scheduler.Current();
}

void Signals::Send(const siginfo_t& info, Thread* to, std::uintptr_t place) {
  scheduler.Visible(StepKind::kSignal, this, place);
  ReleaseTo(clock_, scheduler.Current());
  Route(info, to);
}

void Signals::Route(const siginfo_t& info, Thread* to) {
  const int signal = info.si_signo;
  Thread& taker = to != nullptr ? *to : TakerOf(signal);
  bool blocked = Of(taker).mask & BitOf(signal);
  if (!blocked && IsIgnored(signal)) return;
  if (blocked && GiveToReader(info)) return;
  AddPending(to == nullptr && blocked ? pending_ : Of(taker).pending, info);
  for (const Waiter& waiter : waiters_) {
    bool may_take = to == nullptr || waiter.thread == to;
    if (may_take && (waiter.set & BitOf(signal))) scheduler.MakeReady(*waiter.thread);
  }
  if (!blocked) Interrupt(taker);
}

// Ends what `thread` waits for, if that is something that a signal ends; and sees to it that the
// handler runs when it goes on.
void Signals::Interrupt(Thread& thread) {
  thread.signalled = true;
  signals_due.store(true);
  if (&thread == &scheduler.Current() || descriptor_waits.Interrupt(thread)) return;
  bool waits = std::any_of(waiters_.begin(), waiters_.end(),
                           [&](const Waiter& waiter) { return waiter.thread == &thread; });
  if (waits) {
    scheduler.MakeReady(thread);
  } else if (thread.next.kind == StepKind::kSleep && thread.timer != 0) {
    scheduler.WakeSettle(thread);
  }
}

bool Signals::Take(SignalSet set, siginfo_t* info) {
  return TakeFrom(Of(scheduler.Current()).pending, set, info) || TakeFrom(pending_, set, info);
}

bool Signals::TakeArrived() {
  const SignalSet now = arrived.exchange(0);
  for (int signal = 1; now != 0 && signal <= kSignals; ++signal) {
    if (!(now & BitOf(signal))) continue;
    siginfo_t info = {};
    info.si_signo = signal;
    Route(info, nullptr);
  }
  return now != 0;
}

void Signals::TakeDue() {
  TakeArrived();
  if (scheduler.Current().signalled) Deliver();
}

bool Signals::Deliver() {
  TakeArrived();
  scheduler.Touches(this);
  Thread& me = scheduler.Current();
  me.signalled = false;
  bool more = false;
  for (std::size_t t = 0; t < scheduler.ThreadCount(); ++t) more |= scheduler.At(t).signalled;
  signals_due.store(more);
  bool goes_on = true;
  siginfo_t info;
  while (Take(~Of(me).mask, &info)) goes_on &= Handle(info);
  return goes_on;
}

bool Signals::Handle(const siginfo_t& info) {
  const int signal = info.si_signo;
  if (IsIgnored(signal)) return true;
  const struct sigaction action = actions_[signal];
  if (!(set_ & BitOf(signal)) || action.sa_handler == SIG_DFL) ActByDefault(signal);
  Thread& me = scheduler.Current();
  me.known.Join(clock_);
  const SignalSet before = Mask();
  SignalSet during = before | ToSignalSet(action.sa_mask);
  if (!(action.sa_flags & SA_NODEFER)) during |= BitOf(signal);
  SetMask(during);
  if (action.sa_flags & SA_RESETHAND) actions_[signal].sa_handler = SIG_DFL;
  const int error = errno;
  siginfo_t copy = info;
  simulating.store(ThisOsThread(), std::memory_order_relaxed);
  if (action.sa_flags & SA_SIGINFO) {
    ucontext_t context = {};
    action.sa_sigaction(signal, &copy, &context);
  } else {
    action.sa_handler(signal);
  }
  simulating.store(0, std::memory_order_relaxed);
  errno = error;
  SetMask(before);
  return action.sa_flags & SA_RESTART;
}

void Signals::ActByDefault(int signal) {
  if (kFaults & BitOf(signal)) real_raise(signal);
  const char* name = sigabbrev_np(signal);
  std::string text =
      name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(signal);
  scheduler.End(Ending::kCrash, "killed by " + text + " in " + scheduler.Current().Name());
}

int Signals::Wait(SignalSet set, siginfo_t* info, Time deadline, std::uintptr_t place) {
  Thread& me = scheduler.Current();
  waiters_.push_back({&me, set});
  scheduler.StandBefore(StepKind::kSignal, this, place, Pending() & set, 0, deadline);
  std::erase_if(waiters_, [&](const Waiter& waiter) { return waiter.thread == &me; });
  siginfo_t taken;
  if (Take(set, &taken)) {
    me.known.Join(clock_);
    if (info != nullptr) *info = taken;
    return taken.si_signo;
  }
  bool interrupted = me.signalled;
  if (interrupted) Deliver();
  errno = interrupted ? EINTR : EAGAIN;
  return -1;
}

int Signals::Pause(std::uintptr_t place) {
  while (descriptor_waits.StandBefore(StepKind::kSignal, this, place, nullptr, 0, kNever) !=
         DescriptorWaits::End::kSignal) {
  }
  Deliver();
  errno = EINTR;
  return -1;
}

// A signalfd is the reading end of a pipe. The other end gets a high number, so that the program's
// own are those that it would have.
int Signals::Open(int fd, SignalSet set, int flags) {
  auto reader = std::find_if(readers_.begin(), readers_.end(),
                             [&](const Reader& one) { return one.fd == fd; });
  if (reader == readers_.end()) {
    int ends[2];
    if (fd != -1) {
      errno = EINVAL;
      return -1;
    }
    static_assert(SFD_NONBLOCK == O_NONBLOCK && SFD_CLOEXEC == O_CLOEXEC);
    if (real_pipe2(ends, flags) != 0) return -1;
    int high = fcntl(ends[1], F_DUPFD_CLOEXEC, 512);
    if (high >= 0) {
      real_close(ends[1]);
      ends[1] = high;
    }
    descriptors.Add(ends[0], descriptors.NewChannel(Channel::Kind::kSignals), 0);
    reader = readers_.insert(readers_.end(), {ends[0], ends[1], set});
  }
  reader->set = set;
  const int result = reader->fd;
  siginfo_t info;
  while (Take(set & Mask(), &info)) GiveToReader(info);
  return result;
}

void Signals::Closed(int fd) {
  std::erase_if(readers_, [&](const Reader& reader) {
    if (reader.fd == fd) real_close(reader.other_end);
    return reader.fd == fd;
  });
}

bool Signals::GiveToReader(const siginfo_t& info) {
  for (const Reader& reader : readers_) {
    if (!(reader.set & BitOf(info.si_signo))) continue;
    signalfd_siginfo record = {};
    record.ssi_signo = static_cast<std::uint32_t>(info.si_signo);
    record.ssi_code = info.si_code;
    record.ssi_pid = static_cast<std::uint32_t>(info.si_pid);
    record.ssi_uid = info.si_uid;
    record.ssi_int = info.si_value.sival_int;
    (void)!real_write(reader.other_end, &record, sizeof record);
    if (Descriptor* descriptor = descriptors.Find(reader.fd)) {
      descriptor->channel->clock[0].Join(clock_);
    }
    descriptor_waits.Refresh();
    return true;
  }
  return false;
}

void RaiseHere(int signal, std::uintptr_t place) {
  EngineScope scope;
  siginfo_t info = {};
  info.si_signo = signal;
  info.si_code = SI_TKILL;
  signals.Send(info, &scheduler.Current(), place);
  if (scheduler.Current().signalled) signals.Deliver();
}

}  // namespace interleave::engine
