// tests/net/tcp_server_test.cc

#include "runtime/net/tcp_server.h"

#include <gtest/gtest.h>
#include <netdb.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/async_event.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

Task<void> Echo(Stream stream) {
  while (true) {
    const std::string bytes = co_await stream.ReadSome();
    if (bytes.empty()) co_return;
    stream.Write(bytes);
    co_await stream.Drain();
  }
}

Task<Stream> ConnectTo(const TcpServer& server) {
  const Endpoint& endpoint = server.endpoint();
  return OpenConnection(endpoint.host, endpoint.port);
}

TEST(TcpServerTest, EachConnectionHasAHandler) {
  auto main = []() -> Task<void> {
    TcpServer server(Echo);
    EXPECT_EQ(server.endpoint().host, "127.0.0.1");
    std::vector<Stream> streams;
    for (int i = 0; i < 20; ++i) streams.push_back(co_await ConnectTo(server));
    for (int i = 0; i < 20; ++i) streams[i].Write("hello " + std::to_string(i) + "\n");
    for (int i = 19; i >= 0; --i) {
      EXPECT_EQ(co_await streams[i].ReadLine(), "hello " + std::to_string(i) + "\n");
    }
    EXPECT_EQ(server.connections(), 20u);
    streams.clear();
    server.Close();
    co_await server.WaitClosed();
    EXPECT_EQ(server.connections(), 0u);
  };
  interleave::Run(main());
}

TEST(TcpServerTest, ANameIsResolved) {
  addrinfo* found = nullptr;
  if (getaddrinfo("localhost", nullptr, nullptr, &found) != 0) {
    GTEST_SKIP() << "this machine knows no localhost; its /etc/hosts should";
  }
  freeaddrinfo(found);
  auto main = []() -> Task<void> {
    TcpServer server(Echo);
    Stream stream = co_await OpenConnection("localhost", server.endpoint().port);
    stream.Write("x");
    EXPECT_EQ(co_await stream.ReadExactly(1), "x");
  };
  interleave::Run(main());
}

TEST(TcpServerTest, NobodyListensAfterClose) {
  auto main = []() -> Task<void> {
    TcpServer server(Echo);
    const Endpoint endpoint = server.endpoint();
    Stream stream = co_await ConnectTo(server);
    server.Close();
    std::string what;
    try {
      co_await OpenConnection(endpoint.host, endpoint.port);
    } catch (const ConnectionRefused& error) {
      what = error.what();
    }
    EXPECT_EQ(what, "cannot connect to " + endpoint.Text() + ": Connection refused");
    // Those that are there go on.
    stream.Write("still here\n");
    EXPECT_EQ(co_await stream.ReadLine(), "still here\n");
  };
  interleave::Run(main());
}

TEST(TcpServerTest, AHandlerThatThrowsIsReportedByThePeersNameAndTheOthersGoOn) {
  Words errors;
  auto main = [&]() -> Task<void> {
    CollectErrors(EventLoop::Current(), errors);
    auto handler = [](Stream stream) -> Task<void> {
      const std::string line = co_await stream.ReadLine();
      if (line == "fail\n") throw std::runtime_error("no such thing");
      stream.Write(line);
    };
    TcpServer server(handler);
    Stream good = co_await ConnectTo(server);
    Stream bad = co_await ConnectTo(server);
    bad.Write("fail\n");
    EXPECT_EQ(co_await bad.ReadLine(), "");
    good.Write("fine\n");
    EXPECT_EQ(co_await good.ReadLine(), "fine\n");
  };
  interleave::Run(main());
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_TRUE(errors[0].starts_with("Exception in the handler of 127.0.0.1:")) << errors[0];
  EXPECT_TRUE(errors[0].ends_with(", connection-2: no such thing")) << errors[0];
}

// Whoever serves strangers expects them to go in the middle.
TEST(TcpServerTest, AHandlerThatSurvivesALostConnectionIsNotReported) {
  Words errors, words;
  auto main = [&]() -> Task<void> {
    CollectErrors(EventLoop::Current(), errors);
    AsyncEvent ended;
    auto handler = [&](Stream stream) -> Task<void> {
      try {
        for (;;) {
          stream.Write(std::string(64 * 1024, 'x'));
          co_await stream.Drain();
        }
      } catch (const ConnectionReset&) {
        words.push_back("the client has gone");
      }
      ended.Set();
    };
    TcpServer server(handler);
    Stream client = co_await ConnectTo(server);
    co_await client.ReadSome();
    client.Abort();
    co_await ended.Wait();
    server.Close();
    co_await server.WaitClosed();
  };
  interleave::Run(main());
  EXPECT_EQ(words, (Words{"the client has gone"}));
  EXPECT_EQ(errors, Words());
}

TEST(TcpServerTest, MoreThanTheMostWaitInTheBacklog) {
  auto main = []() -> Task<void> {
    AsyncEvent gate;
    auto handler = [&](Stream stream) -> Task<void> {
      stream.Write("welcome\n");
      co_await gate.Wait();
    };
    TcpServer server(handler, {.max_connections = 2});
    std::vector<Stream> streams;
    for (int i = 0; i < 3; ++i) streams.push_back(co_await ConnectTo(server));
    EXPECT_EQ(co_await streams[0].ReadLine(), "welcome\n");
    EXPECT_EQ(co_await streams[1].ReadLine(), "welcome\n");
    TaskHandle<std::string> third = Spawn(streams[2].ReadLine());
    for (int i = 0; i < 200; ++i) co_await Yield();
    EXPECT_FALSE(third.done());
    EXPECT_EQ(server.connections(), 2u);
    gate.Set();
    EXPECT_EQ(co_await third, "welcome\n");
  };
  interleave::Run(main());
}

TEST(TcpServerTest, CancelConnectionsEndsThoseThatWait) {
  auto main = []() -> Task<void> {
    TcpServer server(Echo);
    Stream stream = co_await ConnectTo(server);
    stream.Write("x");
    EXPECT_EQ(co_await stream.ReadExactly(1), "x");
    server.Close();
    server.CancelConnections();
    co_await server.WaitClosed();
    EXPECT_EQ(co_await stream.ReadLine(), "");
  };
  interleave::Run(main());
}

TEST(TcpServerTest, APortThatIsTakenIsNamed) {
  auto main = []() -> Task<void> {
    TcpServer server(Echo);
    const Endpoint endpoint = server.endpoint();
    EXPECT_EQ(
        MessageOf<std::system_error>([&] { TcpServer second(Echo, {.port = endpoint.port}); }),
        "cannot listen on " + endpoint.Text() + ": Address already in use");
    co_return;
  };
  interleave::Run(main());
}

}  // namespace
}  // namespace interleave
