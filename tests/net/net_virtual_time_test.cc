// tests/net/net_virtual_time_test.cc
//
// Servers and clients in a simulation: the bytes go over the loopback device, the clock stands
// still while any are under way.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/timeout.h"
#include "runtime/engine/explore.h"
#include "runtime/net/descriptor_limit.h"
#include "runtime/net/tcp_server.h"
#include "tests/async/timed_words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// Answers each line after as many milliseconds as it says.
Task<void> AnswerLater(Stream stream) {
  while (true) {
    const std::string line = co_await stream.ReadLine();
    if (line.empty()) co_return;
    co_await SleepFor(std::chrono::milliseconds(std::stoi(line)));
    stream.Write("after " + line);
    co_await stream.Drain();
  }
}

Task<void> AskTwice(TimedWords& log, Endpoint server, int delay) {
  Stream stream = co_await OpenConnection(server.host, server.port);
  for (int i = 0; i < 2; ++i) {
    stream.Write(std::to_string(delay) + "\n");
    std::string answer = co_await stream.ReadLine();
    answer.pop_back();
    log.Add(answer);
  }
}

TEST(NetVirtualTimeTest, AnswersComeExactlyWhenTheyAreDue) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              auto main = [](TimedWords& log) -> Task<void> {
                TcpServer server(AnswerLater);
                co_await Gather(AskTwice(log, server.endpoint(), 30),
                                AskTwice(log, server.endpoint(), 1000),
                                AskTwice(log, server.endpoint(), 20));
                server.Close();
                co_await server.WaitClosed();
              };
              interleave::Run(main(log));
              return log.text();
            }),
            "after 20@20 after 30@30 after 20@40 after 30@60 after 1000@1000 after 1000@2000 ");
}

// "0@30 1@20 ": when the answers came, to each of several clients on threads and loops of their
// own.
std::string ThreadsAsk() {
  EventLoop loop;
  Endpoint endpoint;
  auto serve = [&]() -> Task<void> {
    TcpServer server(AnswerLater);
    endpoint = server.endpoint();
    co_await AsyncFuture<void>();
  };
  TaskHandle<void> server = SpawnOn(loop, serve());
  loop.CallSoon([&] { loop.Stop(); });
  loop.RunForever();
  std::vector<std::string> texts(3);
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&, i] {
      TimedWords log;
      interleave::Run(AskTwice(log, endpoint, 10 * (3 - i)));
      texts[i] = log.text();
    });
  }
  std::thread ender([&] {
    for (std::thread& client : clients) client.join();
    loop.CallSoonThreadSafe([&] { server.Cancel(); });
  });
  try {
    loop.RunUntilComplete(server);
  } catch (const TaskCancelled&) {
  }
  ender.join();
  return texts[0] + texts[1] + texts[2];
}

constexpr char kThreadsAsk[] =
    "after 30@30 after 30@60 after 20@20 after 20@40 after 10@10 after 10@20 ";

TEST(NetVirtualTimeTest, LoopsOnSeveralThreadsTalkAtExactTimes) {
  EXPECT_EQ(OutcomeOf(ThreadsAsk), kThreadsAsk);
}

TEST(NetVirtualTimeTest, TheOrderOfThreadsAndTheSizeOfPiecesChangeNothing) {
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = 10;
  options.partial_io = true;
  const ExploreReport report = Explore(ThreadsAsk, options);
  EXPECT_EQ(report.nondeterminism, "");
  ASSERT_EQ(report.census.size(), 1u);
  EXPECT_EQ(report.census[0].outcome, kThreadsAsk);
}

TEST(NetVirtualTimeTest, ASilentServerIsGivenUpOnTime) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              auto main = [](TimedWords& log) -> Task<void> {
                TcpServer server(AnswerLater);
                const Endpoint endpoint = server.endpoint();
                Stream stream = co_await OpenConnection(endpoint.host, endpoint.port);
                stream.Write("5000\n");
                try {
                  co_await WaitFor(stream.ReadLine(), 2s);
                } catch (const TimedOut&) {
                  log.Add("given up");
                }
                log.Add(co_await stream.ReadExactly(10));
              };
              interleave::Run(main(log));
              return log.text();
            }),
            "given up@2000 after 5000@5000 ");
}

TEST(NetVirtualTimeTest, DrainKeepsAWriterToTheReadersPace) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              auto main = [](TimedWords& log) -> Task<void> {
                auto read_slowly = [](Stream stream) -> Task<void> {
                  co_await SleepFor(1s);
                  while (!(co_await stream.ReadSome()).empty()) {
                  }
                };
                TcpServer server(read_slowly);
                const Endpoint endpoint = server.endpoint();
                Stream stream = co_await OpenConnection(endpoint.host, endpoint.port);
                stream.Write("a little");
                co_await stream.Drain();
                log.Add("a little");
                // More than the kernel's buffers take on both sides.
                stream.Write(std::string(16 * 1024 * 1024, 'x'));
                co_await stream.Drain();
                log.Add("much");
                stream.Close();
                co_await stream.WaitClosed();
              };
              interleave::Run(main(log));
              return log.text();
            }),
            "a little@0 much@1000 ");
}

// The process may have so many descriptors that one more client gets one, and the server then none.
TEST(NetVirtualTimeTest, WithoutDescriptorsTheServerSaysSoOnceAndGoesOnWhenItCan) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              auto main = [](TimedWords& log) -> Task<void> {
                auto report = [&log](EventLoop&, const LoopError& error) {
                  const std::string text = error.Text();
                  const bool good = text.find(
                                        "cannot accept: Too many open files, RLIMIT_NOFILE "
                                        "is " +
                                        std::to_string(DescriptorLimit())) != std::string::npos;
                  log.Add(good ? "reported" : text);
                };
                EventLoop::Current().SetExceptionHandler(report);
                TcpServer server(AnswerLater);
                const Endpoint endpoint = server.endpoint();
                Stream first = co_await OpenConnection(endpoint.host, endpoint.port);
                first.Write("0\n");
                co_await first.ReadLine();
                rlimit before;
                getrlimit(RLIMIT_NOFILE, &before);
                const Descriptor hold(dup(0));  // the first number that is free
                rlimit low = before;
                low.rlim_cur = static_cast<rlim_t>(hold.get()) + 2;
                setrlimit(RLIMIT_NOFILE, &low);
                Stream second = co_await OpenConnection(endpoint.host, endpoint.port);
                second.Write("0\n");
                auto close_later = [](Stream stream) -> Task<void> {
                  co_await SleepFor(2500ms);
                  stream.Close();
                };
                TaskHandle<void> closing = Spawn(close_later(std::move(first)));
                co_await second.ReadLine();
                log.Add("answered");
                setrlimit(RLIMIT_NOFILE, &before);
                co_await closing;
              };
              interleave::Run(main(log));
              return log.text();
            }),
            "reported@0 answered@2500 ");
}

}  // namespace
}  // namespace interleave
