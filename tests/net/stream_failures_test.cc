// tests/net/stream_failures_test.cc
//
// What the other side can do to a connection: each an exception in words, and no descriptor is left
// behind.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/async_event.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/timeout.h"
#include "runtime/net/socket_address.h"
#include "runtime/net/tcp_server.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

std::ptrdiff_t OpenDescriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

class StreamFailuresTest : public testing::Test {
 protected:
  ~StreamFailuresTest() override { EXPECT_EQ(OpenDescriptors(), before_); }

 private:
  const std::ptrdiff_t before_ = OpenDescriptors();
};

// What the Error says that awaiting ends with; empty if it ends with none.
template <typename Error, typename Awaited>
Task<std::string> ErrorOf(Awaited awaited) {
  try {
    co_await awaited;
  } catch (const Error& error) {
    co_return error.what();
  }
  co_return "";
}

Task<Stream> ConnectTo(const Endpoint& endpoint, ConnectOptions options = {}) {
  return OpenConnection(endpoint.host, endpoint.port, options);
}

// A port that nobody else gets, where nobody listens unless told to.
class Port {
 public:
  Port() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const SocketAddress any = *SocketAddress::FromNumbers({"127.0.0.1", 0});
    EXPECT_EQ(bind(socket_.get(), any.get(), any.size()), 0);
  }
  Endpoint endpoint() const { return SocketAddress::OfSocket(socket_.get())->endpoint(); }
  void Listen(int backlog) { EXPECT_EQ(listen(socket_.get(), backlog), 0); }

 private:
  Descriptor socket_;
};

TEST_F(StreamFailuresTest, WhereNobodyListensItIsRefused) {
  auto main = []() -> Task<void> {
    const Port port;
    EXPECT_EQ(co_await ErrorOf<ConnectionRefused>(ConnectTo(port.endpoint())),
              "cannot connect to " + port.endpoint().Text() + ": Connection refused");
  };
  interleave::Run(main());
}

TEST_F(StreamFailuresTest, ANameThatStandsForNothingIsNamed) {
  auto main = []() -> Task<void> {
    // Not a name at all, so that no network is asked.
    const std::string what = co_await ErrorOf<NameNotFound>(OpenConnection("no such host", 80));
    EXPECT_TRUE(what.starts_with("the host name 'no such host' cannot be resolved: ")) << what;
  };
  interleave::Run(main());
}

// A backlog that is full: the kernel does not answer.
Task<std::vector<Descriptor>> Fill(const Endpoint& endpoint) {
  std::vector<Descriptor> waiting;
  const SocketAddress address = *SocketAddress::FromNumbers(endpoint);
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    connect(waiting.back().get(), address.get(), address.size());
  }
  co_return waiting;
}

TEST_F(StreamFailuresTest, AConnectThatGetsNoAnswerEndsWithItsTimeOut) {
  auto main = []() -> Task<void> {
    Port port;
    port.Listen(0);
    const std::vector<Descriptor> waiting = co_await Fill(port.endpoint());
    ConnectOptions options;
    options.timeout = 20ms;
    EXPECT_EQ(co_await ErrorOf<TimedOut>(ConnectTo(port.endpoint(), options)),
              "no connection to " + port.endpoint().Text() + " within 0.02 s");
  };
  interleave::Run(main());
}

TEST_F(StreamFailuresTest, AConnectCanBeCancelled) {
  auto main = []() -> Task<void> {
    Port port;
    port.Listen(0);
    const std::vector<Descriptor> waiting = co_await Fill(port.endpoint());
    TaskHandle<Stream> connecting = Spawn(ConnectTo(port.endpoint()));
    for (int i = 0; i < 10; ++i) co_await Yield();
    EXPECT_FALSE(connecting.done());
    connecting.Cancel();
    for (int i = 0; i < 10; ++i) co_await Yield();
    EXPECT_TRUE(connecting.cancelled());
  };
  interleave::Run(main());
}

TEST_F(StreamFailuresTest, AResetMidwayIsNoEnd) {
  auto main = []() -> Task<void> {
    auto handler = [](Stream stream) -> Task<void> {
      stream.Write("half a li");
      co_await stream.ReadLine();
      stream.Abort();
    };
    TcpServer server(handler);
    Stream stream = co_await ConnectTo(server.endpoint());
    EXPECT_EQ(co_await stream.ReadExactly(4), "half");
    stream.Write("go\n");
    const std::string wanted =
        "cannot read from " + server.endpoint().Text() + ": Connection reset by peer";
    EXPECT_EQ(co_await ErrorOf<ConnectionReset>(stream.ReadLine()), wanted);
    // And does not turn into one.
    EXPECT_EQ(co_await ErrorOf<ConnectionReset>(stream.ReadLine()), wanted);
  };
  interleave::Run(main());
}

TEST_F(StreamFailuresTest, WritingOnAfterAResetThrowsInTheEnd) {  // N06
  auto main = []() -> Task<void> {
    auto handler = [](Stream stream) -> Task<void> {
      co_await stream.ReadLine();
      stream.Abort();
    };
    TcpServer server(handler);
    Stream stream = co_await ConnectTo(server.endpoint());
    stream.Write("go\n");
    std::string what;
    while (what.empty()) {
      stream.Write("x");
      what = co_await ErrorOf<ConnectionReset>(stream.Drain());
      co_await Yield();
    }
    EXPECT_TRUE(what.starts_with("cannot write to " + server.endpoint().Text() + ": ")) << what;
  };
  interleave::Run(main());
}

TEST_F(StreamFailuresTest, ASilentPeerIsLeftByATimeOutAndTheStreamCanBeUsedOn) {
  auto main = []() -> Task<void> {
    AsyncEvent gate;
    auto handler = [&](Stream stream) -> Task<void> {
      stream.Write("first ");
      co_await gate.Wait();
      stream.Write("second\n");
    };
    TcpServer server(handler);
    Stream stream = co_await ConnectTo(server.endpoint());
    EXPECT_EQ(co_await ErrorOf<TimedOut>(WaitFor(stream.ReadLine(), 20ms)), "the time is up");
    gate.Set();
    EXPECT_EQ(co_await stream.ReadLine(), "first second\n");
  };
  interleave::Run(main());
}

TEST_F(StreamFailuresTest, APeerThatHasEndedItsHalfCanStillBeAnswered) {
  auto main = []() -> Task<void> {
    auto handler = [](Stream stream) -> Task<void> {
      const std::string all = co_await stream.ReadToEnd(1000);
      stream.Write("got " + std::to_string(all.size()));
    };
    TcpServer server(handler);
    Stream stream = co_await ConnectTo(server.endpoint());
    stream.Write("twelve bytes");
    stream.WriteEof();
    EXPECT_EQ(co_await stream.ReadToEnd(1000), "got 12");
  };
  interleave::Run(main());
}

// An answer must not be lost because the question was not read to its end.
TEST_F(StreamFailuresTest, AnAnswerArrivesThoughTheQuestionWasNotRead) {
  auto main = []() -> Task<void> {
    AsyncEvent asked;
    auto handler = [&](Stream stream) -> Task<void> {
      co_await asked.Wait();
      stream.Write("no time to listen\n");
    };
    TcpServer server(handler);
    Stream stream = co_await ConnectTo(server.endpoint());
    stream.Write(std::string(100'000, 'x'));
    asked.Set();
    EXPECT_EQ(co_await stream.ReadLine(), "no time to listen\n");
    EXPECT_EQ(co_await stream.ReadLine(), "");
  };
  interleave::Run(main());
}

TEST_F(StreamFailuresTest, WhatGoesWithTheLoopIsClosed) {
  auto main = []() -> Task<void> {
    auto& left = *new TcpServer([](Stream stream) -> Task<void> { co_await stream.ReadLine(); });
    Stream stream = co_await ConnectTo(left.endpoint());
    Spawn([](Stream stream) -> Task<void> { co_await stream.ReadLine(); }(std::move(stream)));
    co_await Yield();
    delete &left;
  };
  interleave::Run(main());
}

}  // namespace
}  // namespace interleave
