// tests/lab/standard_output_test.cc
#include "runtime/lab/standard_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace interleave::lab {
namespace {

// Runs `program` in a child; its wait status.
int StatusOfChild(const std::function<void()>& program) {
  const pid_t child = fork();
  if (child == 0) {
    program();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(StandardOutput, AClosedPipeEndsTheProgramQuietlyWith141) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);  // nobody will read
  const int status = StatusOfChild([&] {
    PrepareStandardDescriptors();
    dup2(ends[1], kStdout);
    for (;;) WriteLine(kStdout, "nobody reads this");
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kStatusOfClosedPipe);
}

TEST(StandardOutput, ADescriptorClosedBeforeTheStartIsNoTrouble) {
  const int status = StatusOfChild([] {
    close(kStdout);
    PrepareStandardDescriptors();
    const int file = open("/dev/null", O_WRONLY);
    if (file == kStdout) _exit(3);  // the next file must not become stdout
    WriteLine(kStdout, "nobody reads this");
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(StandardOutput, AFullDiskIsAFailure) {
  const int status = StatusOfChild([] {
    dup2(open("/dev/full", O_WRONLY), kStdout);
    dup2(open("/dev/null", O_WRONLY), kStderr);
    WriteLine(kStdout, "does not fit");
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST(StandardOutput, AFullStderrDoesNotChangeTheStatus) {
  const int status = StatusOfChild([] {
    dup2(open("/dev/full", O_WRONLY), kStderr);
    WriteLine(kStderr, "does not fit");
    _exit(2);
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 2);
}

TEST(StandardOutput, LinesOfManyThreadsArriveWhole) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string line(200, 'x');
  std::thread reader([&] {
    FILE* stream = fdopen(ends[0], "r");
    char text[1024];
    int lines = 0;
    while (std::fgets(text, sizeof text, stream) != nullptr) {
      ++lines;
      EXPECT_EQ(text, line + "\n");
    }
    EXPECT_EQ(lines, 4000);
    std::fclose(stream);
  });
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) WriteLine(ends[1], line);
    });
  }
  for (std::thread& writer : writers) writer.join();
  close(ends[1]);
  reader.join();
}

}  // namespace
}  // namespace interleave::lab
