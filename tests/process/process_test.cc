// tests/process/process_test.cc

#include "runtime/process/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <system_error>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/timeout.h"
#include "tests/process/open_descriptors.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

int WaitForASignal() {
  for (;;) pause();
}

struct Pipe {
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    reader = Descriptor(ends[0]);
    writer = Descriptor(ends[1]);
  }
  std::string ReadToTheEnd() {
    writer.Close();
    std::string text;
    char buffer[256];
    for (ssize_t size; (size = read(reader.get(), buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(size));
    }
    return text;
  }
  Descriptor reader, writer;
};

TEST(Process, ForkGivesWhatTheFunctionReturns) {
  Process child = Process::Fork([] { return 7; });
  EXPECT_EQ(child.Wait(), (ExitStatus{.code = 7, .signal = 0}));
  EXPECT_EQ(child.Wait().Text(), "exited with status 7");
}

TEST(Process, AnExceptionInTheChildIsStatus1) {
  Process child = Process::Fork([]() -> int { throw std::runtime_error("on purpose"); });
  EXPECT_EQ(child.Wait().code, 1);
}

TEST(Process, ASignalIsNamed) {
  Process child = Process::Fork(WaitForASignal);
  child.Kill();
  EXPECT_EQ(child.Wait().Text(), "was ended by SIGKILL");
  EXPECT_FALSE(child.Wait().ok());
  EXPECT_EQ(SignalName(SIGSEGV), "SIGSEGV");
  EXPECT_EQ(SignalName(SIGRTMIN + 2), "SIGRTMIN+2");
  EXPECT_EQ(SignalName(99), "signal 99");
}

TEST(Process, IsEndingWhenItHasEndedAndNotWhileItGoesOn) {
  Process child = Process::Fork(WaitForASignal);
  EXPECT_FALSE(child.IsEnding());
  child.Kill();
  pollfd end = {child.end_descriptor(), POLLIN, 0};
  poll(&end, 1, -1);
  EXPECT_TRUE(child.IsEnding());  // a zombie
  child.Wait();
  EXPECT_TRUE(child.IsEnding());
}

TEST(Process, SpawnRunsAProgramOfThePath) {
  Pipe pipe;
  Process child = Process::Spawn({"sh", "-c", "echo from a program; exit 3"},
                                 {.descriptors = {{1, pipe.writer.get()}}});
  EXPECT_EQ(pipe.ReadToTheEnd(), "from a program\n");
  EXPECT_EQ(child.Wait().Text(), "exited with status 3");
}

TEST(Process, AProgramThatIsNotThereIsAnErrorWithItsName) {
  try {
    Process::Spawn({"no-such-program-here"});
    FAIL() << "it was started";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOENT);
    EXPECT_EQ(std::string(error.what()).find("no-such-program-here"), 0u) << error.what();
  }
  EXPECT_THROW(Process::Spawn({}), std::invalid_argument);
}

TEST(Process, PollAndWaitForDoNotWaitForOneThatGoesOn) {
  Process child = Process::Fork(WaitForASignal);
  EXPECT_FALSE(child.Poll());
  EXPECT_FALSE(child.WaitFor(1ms));
  child.Kill(SIGTERM);
  EXPECT_EQ(child.WaitFor(1h)->signal, SIGTERM);
  EXPECT_EQ(child.Poll()->signal, SIGTERM);
  child.Kill();  // nobody is hit
}

TEST(Process, ADestroyedOneLeavesNoZombie) {
  pid_t pid;
  {
    Process child = Process::Fork(WaitForASignal);
    pid = child.pid();
  }
  EXPECT_EQ(waitpid(pid, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST(Process, OneThatSomebodyElseHasReapedSaysSo) {
  Process child = Process::Fork([] { return 0; });
  waitpid(child.pid(), nullptr, 0);
  EXPECT_THROW(child.Wait(), std::logic_error);
}

// Not even one that the parent has opened without O_CLOEXEC.
TEST(Process, AForkedChildHasOnlyTheDescriptorsThatItMayKeep) {
  Pipe kept, other;
  Process child = Process::Fork(
      [&] {
        const bool has_kept = fcntl(kept.writer.get(), F_GETFD) != -1;
        const bool has_other = fcntl(other.writer.get(), F_GETFD) != -1;
        return (has_kept ? 1 : 0) + (has_other ? 2 : 0);
      },
      {kept.writer.get()});
  EXPECT_EQ(child.Wait().code, 1);
}

TEST(Process, ASpawnedChildHasOnlyTheDescriptorsThatItIsGiven) {
  Pipe pipe;
  Descriptor leaked(fcntl(pipe.reader.get(), F_DUPFD, 9));  // without O_CLOEXEC
  Process child = Process::Spawn(
      {"sh", "-c", "for fd in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$fd ] && echo $fd; done; :"},
      {.descriptors = {{1, pipe.writer.get()}}});
  EXPECT_EQ(pipe.ReadToTheEnd(), "0\n1\n2\n");
  EXPECT_TRUE(child.Wait().ok());
}

TEST(Process, AHandlerOfTheParentsDoesNotRunInTheChild) {
  const auto before = std::signal(SIGTERM, [](int) {});
  Process child = Process::Fork(WaitForASignal);
  child.Kill(SIGTERM);
  EXPECT_EQ(child.Wait().signal, SIGTERM);
  std::signal(SIGTERM, before);
}

TEST(Process, TheLoopGoesOnWhileItAwaitsTheEnd) {
  std::string text;
  auto main = [&]() -> Task<void> {
    Pipe gate;
    Process child = Process::Fork(
        [&] {
          gate.writer.Close();
          char c;
          return read(gate.reader.get(), &c, 1) == 0 ? 5 : 1;
        },
        {gate.reader.get(), gate.writer.get()});
    TaskHandle<ExitStatus> end = Spawn(child.Ended());
    co_await SleepFor(0s);
    EXPECT_FALSE(end.done());
    gate.writer.Close();  // only now can it end
    text = (co_await end).Text();
  };
  interleave::Run(main());
  EXPECT_EQ(text, "exited with status 5");
}

TEST(Process, ACancelledWaitLeavesTheChildAlone) {
  auto main = [&]() -> Task<void> {
    Process child = Process::Fork(WaitForASignal);
    TaskHandle<ExitStatus> end = Spawn(child.Ended());
    co_await SleepFor(0s);
    end.Cancel();
    try {
      co_await end;
      ADD_FAILURE() << "it was not cancelled";
    } catch (const TaskCancelled&) {
    }
    EXPECT_FALSE(child.Poll());
    child.Kill();
    EXPECT_EQ((co_await child.Ended()).signal, SIGKILL);
  };
  interleave::Run(main());
}

TEST(Process, NoDescriptorStays) {
  const int before = OpenDescriptors();
  for (int i = 0; i < 10; ++i) {
    Process::Fork([] { return 0; }).Wait();
    Process killed = Process::Fork(WaitForASignal);
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

}  // namespace
}  // namespace interleave
