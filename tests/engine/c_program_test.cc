// tests/engine/c_program_test.cc
//
// Cleanup functions of a C program, which are no destructors but places to jump to.
#include <gtest/gtest.h>
#include <pthread.h>

#include <string>

#include "runtime/engine/explore.h"

extern "C" {
char c_program_log[16];
void* CProgram(void* argument);
}

namespace interleave {
namespace {

std::string RunIt() {
  c_program_log[0] = '\0';
  pthread_t thread;
  pthread_create(&thread, nullptr, CProgram, nullptr);
  void* result = nullptr;
  pthread_join(thread, &result);
  return c_program_log + std::string(" ") + static_cast<const char*>(result);
}

TEST(CProgram, CleansUpInASimulationAsItDoesWithRealThreads) {
  EXPECT_EQ(RunIt(), "popped 321 left");
  EXPECT_EQ(Simulate(RunIt).outcome, "popped 321 left");
}

}  // namespace
}  // namespace interleave
