// tests/net/ten_thousand_connections_test.cc
//
// A server on one loop and 10,000 connections at the same time. The clients are another process, so
// that each side needs 10,000 descriptors and not twice as many.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <string>

#include "runtime/async/async_event.h"
#include "runtime/async/run.h"
#include "runtime/net/descriptor_limit.h"
#include "runtime/net/socket_address.h"
#include "runtime/net/tcp_server.h"

namespace interleave {
namespace {

constexpr int kConnections = 10'000;
constexpr int kAtOnce = 100;  // fewer than the backlog holds

// Exits of the clients' process.
enum Clients { kFine = 0, kCannotConnect = 1, kWrongGreeting = 2, kWrongEcho = 3 };

bool Expect(int fd, std::string_view wanted) {
  std::array<char, 16> bytes;
  return recv(fd, bytes.data(), wanted.size(), MSG_WAITALL) ==
             static_cast<ssize_t>(wanted.size()) &&
         std::string_view(bytes.data(), wanted.size()) == wanted;
}

// Plain blocking sockets. Nobody speaks before all are connected and greeted.
Clients RunClients(const SocketAddress& server) {
  static std::array<int, kConnections> sockets;
  for (int i = 0; i < kConnections; ++i) {
    sockets[i] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(sockets[i], server.get(), server.size()) != 0) return kCannotConnect;
    if (i % kAtOnce != kAtOnce - 1) continue;
    for (int j = i - kAtOnce + 1; j <= i; ++j) {
      if (!Expect(sockets[j], "hello\n")) return kWrongGreeting;
    }
  }
  for (const int fd : sockets) {
    if (send(fd, "ping\n", 5, MSG_NOSIGNAL) != 5) return kWrongEcho;
  }
  for (const int fd : sockets) {
    if (!Expect(fd, "ping\n")) return kWrongEcho;
  }
  return kFine;
}

TEST(TenThousandConnectionsTest, AllAreGreetedAndAnsweredOnOneLoop) {
  try {
    NeedDescriptors(kConnections + 100);
  } catch (const std::runtime_error& error) {
    GTEST_SKIP() << error.what();
  }
  int status = -1;
  std::size_t most = 0;
  auto main = [&]() -> Task<void> {
    TcpServer* listening = nullptr;
    auto handler = [&](Stream stream) -> Task<void> {
      most = std::max(most, listening->connections());
      stream.Write("hello\n");
      const std::string line = co_await stream.ReadLine();
      stream.Write(line);
      co_await stream.ReadLine();  // until the client closes
    };
    TcpServer server(handler, {.max_connections = kConnections});
    listening = &server;
    AsyncEvent ended;
    EventLoop::Current().AddSignalHandler(SIGCHLD, [&] { ended.Set(); });
    const SocketAddress address = *SocketAddress::FromNumbers(server.endpoint());
    const pid_t clients = fork();
    if (clients == 0) _exit(RunClients(address));
    co_await ended.Wait();
    waitpid(clients, &status, 0);
    server.Close();
    co_await server.WaitClosed();
    EXPECT_EQ(server.connections(), 0u);
  };
  interleave::Run(main());
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kFine);
  EXPECT_EQ(most, static_cast<std::size_t>(kConnections));
}

}  // namespace
}  // namespace interleave
