// Lab 37: a program in a process of its own, and a look at a child from outside.
//
// Whether a child is stuck can be decided without a clock. It has one thread. If that waits for a
// mutex (the kernel says for which address, and a fork keeps addresses), and the mutex is held by a
// thread that is none of the child's, then nobody is there who could ever let go of it.
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

#include "runtime/lab/log.h"

namespace {

constexpr std::chrono::seconds kLimit{10};  // of a machine so busy that the child gets nowhere

std::string FirstLine(const std::filesystem::path& file) {
  std::string line;
  std::ifstream stream(file);
  std::getline(stream, line);
  return line;
}

std::filesystem::path TasksOf(const std::string& process) {
  return std::filesystem::path("/proc") / process / "task";
}

// "202 0x5581e2a0 0x80 ...": the system call that the process is in, and its arguments.
bool WaitsFor(pid_t process, const void* address) {
  const std::string call = FirstLine("/proc/" + std::to_string(process) + "/syscall");
  char* arguments = nullptr;
  if (std::strtol(call.c_str(), &arguments, 10) != SYS_futex || arguments == call.c_str()) {
    return false;
  }
  return std::strtoull(arguments, nullptr, 16) == reinterpret_cast<std::uintptr_t>(address);
}

// In words, if it is so; otherwise empty.
std::string WaitsWithoutHope(pid_t child, std::mutex& mutex, const std::string& name) {
  const std::string owner = std::to_string(mutex.native_handle()->__data.__owner);  // glibc's
  std::filesystem::directory_iterator tasks(TasksOf(std::to_string(child)));
  if (std::distance(begin(tasks), end(tasks)) != 1 || !WaitsFor(child, &mutex)) return "";
  if (!std::filesystem::exists(TasksOf("self") / owner)) return "";
  return "the child has one thread, which waits for " + name + "; that is held by " +
         FirstLine(TasksOf("self") / owner / "comm") + ", a thread of its parent\n";
}

void Kill(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

}  // namespace

std::string WhatBecomesOf(pid_t child, std::mutex& mutex, const std::string& name_of_mutex) {
  const auto until = std::chrono::steady_clock::now() + kLimit;
  while (std::chrono::steady_clock::now() < until) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) {
      return status == 0 ? "the child has done its work" : "the child failed";
    }
    const std::string reason = WaitsWithoutHope(child, mutex, name_of_mutex);
    if (!reason.empty()) {
      Kill(child);
      return reason + "it was killed\nthe child was stuck";
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  Kill(child);
  return "the child got nowhere, and nobody knows why";
}

std::string InProgram(std::string (*program)()) {
  std::array<int, 2> ends;
  if (pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t process = fork();
  if (process < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (process == 0) {
    close(ends[0]);
    const std::string told = program();
    _exit(write(ends[1], told.data(), told.size()) == std::ssize(told) ? 0 : 1);
  }
  close(ends[1]);
  std::string line;
  char letter;
  while (read(ends[0], &letter, 1) == 1) {
    line += letter;
    if (letter != '\n') continue;
    line.pop_back();
    interleave::Print(line);
    line.clear();
  }
  close(ends[0]);
  int status = 0;
  waitpid(process, &status, 0);
  return status == 0 ? line : "the program failed";
}
