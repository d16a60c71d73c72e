// runtime/process/process.cc

#include "runtime/process/process.h"

#include <cxxabi.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <system_error>

extern "C" {  // which this header says itself only since glibc 2.37
#include <sys/pidfd.h>
}

#include "runtime/async/async_future.h"
#include "runtime/async/event_loop.h"

namespace interleave {
namespace {

[[noreturn]] void Fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

// All but 0, 1, 2 and these.
void CloseDescriptors(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned first = 3;
  for (const int fd : keep) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept < first) continue;
    if (kept > first) close_range(first, kept - 1, 0);
    first = kept + 1;
  }
  close_range(first, UINT_MAX, 0);
}

// A handler of the parent's would run in the child, and reach for the parent's threads and loops.
void ResetSignals() {
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    struct sigaction action;
    if (sigaction(signal, nullptr, &action) != 0) continue;
    if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

int CallInChild(const std::function<int()>& body) noexcept {
  std::string what = "an exception";
  try {
    return body();
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
  }
  std::cerr << "process " + std::to_string(getpid()) + " ended by an exception: " + what + "\n";
  return 1;
}

// What posix_spawn wants undone, however it ends.
struct SpawnSettings {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  SpawnSettings() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
};

}  // namespace

std::string SignalName(int signal) {
  if (const char* name = sigabbrev_np(signal)) return std::string("SIG") + name;
  if (signal == SIGRTMIN) return "SIGRTMIN";
  if (signal > SIGRTMIN && signal <= SIGRTMAX) {
    return "SIGRTMIN+" + std::to_string(signal - SIGRTMIN);
  }
  return "signal " + std::to_string(signal);
}

std::string ExitStatus::Text() const {
  if (signal != 0) return "was ended by " + SignalName(signal);
  return "exited with status " + std::to_string(code);
}

Process Process::Fork(const std::function<int()>& body, const std::vector<int>& keep) {
  std::fflush(nullptr);  // or the child would write once more what is not written yet
  // A signal that comes to the child before its handlers are reset has to wait until they are.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  const int error = errno;
  if (pid != 0) pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) Fail(error, "fork");
  if (pid > 0) return Process(pid);
  ResetSignals();
  CloseDescriptors(keep);
  const int code = CallInChild(body);
  std::fflush(nullptr);
  _exit(code);
}

Process Process::Spawn(const std::vector<std::string>& arguments, const SpawnOptions& options) {
  if (arguments.empty()) throw std::invalid_argument("Process::Spawn: which program?");
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.data()));
  words.push_back(nullptr);

  SpawnSettings settings;
  int highest = STDERR_FILENO;
  for (const auto& [of_child, ours] : options.descriptors) {
    posix_spawn_file_actions_adddup2(&settings.files, ours, of_child);
    highest = std::max(highest, of_child);
  }
  posix_spawn_file_actions_addclosefrom_np(&settings.files, highest + 1);
  // What this program ignores the other would ignore, too, and never know.
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);

  std::fflush(nullptr);
  pid_t pid = -1;
  const int error =
      posix_spawnp(&pid, words[0], &settings.files, &settings.attributes, words.data(), environ);
  if (error != 0) Fail(error, arguments[0] + " can't be started");
  return Process(pid);
}

Process::Process(pid_t pid) : pid_(pid), end_(pidfd_open(pid, 0)) {
  if (end_) return;
  const int error = errno;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  Fail(error, "pidfd_open");
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      end_(std::move(other.end_)),
      ended_(std::exchange(other.ended_, std::nullopt)) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(end_, other.end_);
  std::swap(ended_, other.ended_);
  return *this;
}

Process::~Process() {
  if (pid_ < 0 || ended_) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<ExitStatus> Process::Reap(int options) {
  if (pid_ < 0) throw std::logic_error("this Process was moved elsewhere");
  if (ended_) return ended_;
  int status = 0;
  pid_t reaped;
  while ((reaped = waitpid(pid_, &status, options)) < 0 && errno == EINTR) {
  }
  if (reaped < 0) {
    throw std::logic_error("process " + std::to_string(pid_) +
                           ": somebody else has asked the kernel how it ended");
  }
  if (reaped == 0) return std::nullopt;
  ended_ = WIFSIGNALED(status) ? ExitStatus{.code = 0, .signal = WTERMSIG(status)}
                               : ExitStatus{.code = WEXITSTATUS(status), .signal = 0};
  return ended_;
}

std::optional<ExitStatus> Process::Poll() { return Reap(WNOHANG); }

ExitStatus Process::Wait() { return *Reap(0); }

std::optional<ExitStatus> Process::WaitFor(std::chrono::nanoseconds limit) {
  using std::chrono::steady_clock;
  const auto deadline = steady_clock::now() + limit;
  while (!Poll()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) break;
    pollfd end = {end_.get(), POLLIN, 0};
    poll(&end, 1, static_cast<int>(std::min<long long>(left.count(), INT_MAX)));
  }
  return ended_;
}

Task<ExitStatus> Process::Ended() {
  if (!Poll()) {
    struct Watch {
      EventLoop& loop = EventLoop::Current();
      const int fd;
      ~Watch() { loop.RemoveReader(fd); }
    } watch{.fd = end_.get()};
    AsyncFuture<void> readable;
    watch.loop.AddReader(watch.fd, [readable]() mutable {
      if (!readable.done()) readable.SetResult();
    });
    co_await readable;
  }
  co_return Wait();
}

// From the flags of its main thread, the ninth word of /proc/PID/stat. The second is the program's
// name in brackets, which may have blanks.
bool Process::IsEnding() const {
  if (ended_) return true;
  std::ifstream stat("/proc/" + std::to_string(pid_) + "/stat");
  std::string line;
  std::getline(stat, line);
  std::istringstream words(line.substr(line.rfind(')') + 1));
  std::string word;
  for (int i = 3; i < 9; ++i) words >> word;
  unsigned long flags = 0;
  constexpr unsigned long kExiting = 4;  // PF_EXITING of the kernel
  return !(words >> flags) || (flags & kExiting) != 0;
}

void Process::Kill(int signal) {
  if (pid_ >= 0 && !ended_) kill(pid_, signal);
}

}  // namespace interleave
