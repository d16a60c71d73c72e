// The boundary for the ends of a program. All of them lead to Scheduler::End, which leaves the
// stack of the thread as it is and goes back to whoever started the run.
#include <assert.h>
#include <cxxabi.h>
#include <signal.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <typeinfo>

#include "runtime/engine/boundary.h"
#include "runtime/engine/ends.h"
#include "runtime/engine/sanitizer_fiber.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {
namespace {

INTERLEAVE_REAL(abort);
INTERLEAVE_REAL(exit);
INTERLEAVE_REAL(_exit);
INTERLEAVE_REAL(_Exit);
INTERLEAVE_REAL(quick_exit);
constinit Real<void(const char*, const char*, unsigned, const char*)> real_assert_fail{
    "__assert_fail"};

// A child process of a simulation runs on the stack of a simulated thread, which its own end would
// take away under its feet.
template <typename Exit>
[[noreturn]] void ExitForReal(Exit& real, int status) {
  if (scheduler.HasLeft() && scheduler.IsThisOsThread()) {
    scheduler.OnRootStack([&] { real(status); });
  }
  real(status);
  __builtin_unreachable();
}

std::string InThread() { return " in " + scheduler.Current().Name(); }

std::string Demangled(const std::type_info& type) {
  int status = 0;
  char* text = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string name = text != nullptr ? text : type.name();
  std::free(text);
  return name;
}

[[noreturn]] void OnTerminate() {
  if (!Inside()) real_abort();
  EngineScope scope;
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type == nullptr) {
    scheduler.End(Ending::kAbort, "std::terminate" + InThread(),
                  "no exception was thrown: a std::thread that was neither joined nor detached "
                  "calls it when it is destroyed");
  }
  std::string text;
  try {
    std::rethrow_exception(std::current_exception());
  } catch (const std::exception& exception) {
    text = exception.what();
  } catch (...) {
  }
  std::string outcome = "uncaught " + Demangled(*type) + InThread();
  if (!text.empty()) outcome += ": " + text;
  scheduler.End(Ending::kException, std::move(outcome));
}

// Runs on a stack of its own, for the thread's may be the cause.
alignas(16) char signal_stack[64 * 1024];

void OnFault(int signal, siginfo_t* info, void*) {
  bool ours = scheduler.Running() && scheduler.IsThisOsThread();
  if (!ours) {
    ::signal(signal, SIG_DFL);
    raise(signal);
    return;
  }
  EngineScope scope;
  const Stack* stack = scheduler.Current().fiber.GetStack();
  if (signal == SIGSEGV && stack->GuardContains(info->si_addr)) {
    scheduler.End(Ending::kCrash, "stack overflow" + InThread());
  }
  if (signal == SIGABRT) {  // libc's own, or raised: the others come by way of abort
    scheduler.End(Ending::kAbort, "SIGABRT" + InThread());
  }
  std::string what = sigabbrev_np(signal);
  // An address that no memory can have comes without the address.
  bool is_null =
      info->si_code != SI_KERNEL && reinterpret_cast<std::uintptr_t>(info->si_addr) < 4096;
  std::string null = is_null ? ", null pointer" : "";
  scheduler.End(Ending::kCrash, "crash" + InThread() + ": SIG" + what + null);
}

}  // namespace

void Unsupported(const char* call) {
  EngineScope scope;
  scheduler.End(Ending::kUnsupported,
                std::string(call) + " cannot run in a simulation" + InThread(),
                "run it with real threads");
}

CatchEnds::CatchEnds() {
  terminate_before_ = std::set_terminate(OnTerminate);
#ifdef INTERLEAVE_ASAN
  return;  // it reports faults better
#endif
  stack_t stack = {};
  stack.ss_sp = signal_stack;
  stack.ss_size = sizeof signal_stack;
  sigaltstack(&stack, &stack_before_);
  struct sigaction action = {};
  action.sa_sigaction = OnFault;
  // The handler does not return, so the signal must not stay blocked behind it.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (int i = 0; i < 5; ++i) sigaction(kSignals[i], &action, &before_[i]);
}

CatchEnds::~CatchEnds() {
  std::set_terminate(terminate_before_);
#ifdef INTERLEAVE_ASAN
  return;
#endif
  for (int i = 0; i < 5; ++i) sigaction(kSignals[i], &before_[i], nullptr);
  sigaltstack(&stack_before_, nullptr);
}

}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_BOUNDARY void abort() noexcept {
  if (!Inside()) real_abort();
  EngineScope scope;
  scheduler.End(Ending::kAbort, "abort" + InThread());
}

INTERLEAVE_BOUNDARY void __assert_fail(const char* expression, const char* file, unsigned line,
                                       const char* function) noexcept {
  if (!Inside()) real_assert_fail(expression, file, line, function);
  EngineScope scope;
  const char* slash = std::strrchr(file, '/');
  scheduler.End(Ending::kAbort, "assertion failed" + InThread() + ": " + expression + " (" +
                                    (slash != nullptr ? slash + 1 : file) + ":" +
                                    std::to_string(line) + ")");
}

#define INTERLEAVE_EXIT(name)                                                           \
  INTERLEAVE_BOUNDARY void name(int status) noexcept(noexcept(::name(0))) {             \
    if (!Inside()) ExitForReal(real_##name, status);                                    \
    EngineScope scope;                                                                  \
    scheduler.End(Ending::kExit, "exit status " + std::to_string(status) + InThread()); \
  }
INTERLEAVE_EXIT(exit)
INTERLEAVE_EXIT(_exit)
INTERLEAVE_EXIT(_Exit)
INTERLEAVE_EXIT(quick_exit)
