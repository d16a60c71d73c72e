// tests/lab/log_test.cc
#include "runtime/lab/log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>

#include "runtime/engine/explore.h"
#include "runtime/lab/record_log.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

std::string Output(const Body& body, std::chrono::seconds start) {
  std::string out;
  SimulateOptions options;
  options.start = start;
  options.output = [&out](int, std::string_view text) { out += text; };
  Simulate(body, options);
  return out;
}

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// 20:28:15 on the first day.
constexpr std::chrono::seconds kStart{(20 * 60 + 28) * 60 + 15};

TEST(Log, ALineHasTheVirtualTimeAndTheThreadsFullName) {
  EXPECT_EQ(Output(
                [] {
                  Log("Main started");
                  std::thread worker([] {
                    SetThreadName("ThreadPoolExecutor-0_0");
                    std::this_thread::sleep_for(std::chrono::seconds(2));
                    Log("Update Started");
                  });
                  worker.join();
                  return "";
                },
                kStart),
            "20:28:15:MainThread:Main started\n"
            "20:28:17:ThreadPoolExecutor-0_0:Update Started\n");
}

TEST(Log, AThreadWithoutANameIsNumbered) {
  EXPECT_EQ(Output(
                [] {
                  std::thread one([] { Log("here"); });
                  one.join();
                  return "";
                },
                kStart),
            "20:28:15:Thread-1:here\n");
}

TEST(RecordLog, InASimulationTheNumbersAreTheGivenOnesEveryTime) {
  const Body body = [] {
    RecordLog log("", {.process = 4711, .threads = {140001, 140002}});
    log.Info("Ingesting character number 1");
    for (int i = 0; i < 2; ++i) std::thread([&] { log.Error("failed"); }).join();
    return "";
  };
  const std::string expected =
      "[1970-01-01 20:28:15] - [INFO] - [Process 4711, Thread 140001] - Ingesting character "
      "number 1\n"
      "[1970-01-01 20:28:15] - [ERROR] - [Process 4711, Thread 140002] - failed\n"
      "[1970-01-01 20:28:15] - [ERROR] - [Process 4711, Thread 140003] - failed\n";
  EXPECT_EQ(Output(body, kStart), expected);
  EXPECT_EQ(Output(body, kStart), expected);
}

TEST(RecordLog, EveryRecordIsOnBothSinksAndTheFileIsAppendedTo) {
  const std::string path = testing::TempDir() + "/log.txt";
  for (int i = 0; i < 2; ++i) {
    RecordLog log(path);
    log.Warning("a real one");
  }
  const std::regex line(R"(\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] - \[WARNING\] - )"
                        R"(\[Process \d+, Thread \d+\] - a real one\n)");
  const std::string text = Contents(path);
  EXPECT_EQ(
      std::distance(std::sregex_iterator(text.begin(), text.end(), line), std::sregex_iterator()),
      2)
      << text;
}

TEST(RecordLog, ADirectoryThatIsMissingIsNamed) {
  try {
    RecordLog log("no/such/directory/log.txt");
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_STREQ(error.what(), "no/such/directory/log.txt: No such file or directory");
  }
}

}  // namespace
}  // namespace interleave
