// runtime/lab/log.cc
#include "runtime/lab/log.h"

#include <pthread.h>

#include <chrono>
#include <ctime>

#include "runtime/engine/explore.h"
#include "runtime/lab/standard_output.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

void (*print_elsewhere)(std::string_view line) = nullptr;
void (*log_elsewhere)(std::string_view message) = nullptr;

}  // namespace

void Print(std::string_view line) {
  if (print_elsewhere != nullptr) return print_elsewhere(line);
  lab::WriteLine(lab::kStdout, line);
}

void Log(std::string_view message) {
  if (log_elsewhere != nullptr) return log_elsewhere(message);
  std::string line = lab::ClockText("%H:%M:%S") + ":" + lab::CurrentThreadName() + ":";
  line += message;
  Print(line);
}

namespace lab {

void SetPrintElsewhere(void (*print)(std::string_view line),
                       void (*log)(std::string_view message)) {
  print_elsewhere = print;
  log_elsewhere = log;
}

std::string ClockText(const char* format) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm fields{};
  gmtime_r(&now, &fields);
  char text[64];
  std::strftime(text, sizeof text, format, &fields);
  return text;
}

std::string CurrentThreadName() {
  if (!InSimulation()) return ThreadName();
  char name[256];  // the kernel's limit of 16 bytes does not hold in a simulation
  return pthread_getname_np(pthread_self(), name, sizeof name) == 0 ? name : "?";
}

}  // namespace lab
}  // namespace interleave
