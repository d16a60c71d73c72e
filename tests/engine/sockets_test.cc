// tests/engine/sockets_test.cc
//
// Stream sockets between simulated threads: real bytes over the loopback device, at exact virtual
// times, in every order.
#include "tests/engine/sockets.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Map = std::map<std::string, std::int64_t>;

TEST(Sockets, AnEchoTakesNoTime) {
  RunReport report = Simulate([] {
    Listener listener;
    std::thread server([&] {
      int fd = listener.Accept();
      char c;
      while (recv(fd, &c, 1, 0) == 1) SendAll(fd, std::string(1, c));
      close(fd);
    });
    int fd = listener.Connect();
    SendAll(fd, "hello");
    shutdown(fd, SHUT_WR);
    std::string answer = ReceiveAll(fd);
    close(fd);
    server.join();
    return answer + " " + Clock();
  });
  EXPECT_EQ(report.outcome, "hello 0ms") << report.explanation;
}

TEST(Sockets, ASlowServerAnswersAtItsTime) {
  RunReport report = Simulate([] {
    Listener listener;
    std::string text;
    std::thread server([&] {
      std::vector<std::thread> answers;
      for (int i = 0; i < 3; ++i) {
        answers.emplace_back([fd = listener.Accept(), i] {
          std::this_thread::sleep_for(100ms * (3 - i));
          SendAll(fd, "answer " + std::to_string(i));
          close(fd);
        });
      }
      for (std::thread& answer : answers) answer.join();
    });
    std::vector<std::thread> clients;
    for (int i = 0; i < 3; ++i) {
      clients.emplace_back([&] {
        int fd = listener.Connect();
        std::string answer = ReceiveAll(fd);
        text += answer + " at " + Clock() + ", ";
        close(fd);
      });
    }
    for (std::thread& client : clients) client.join();
    server.join();
    return text;
  });
  EXPECT_EQ(report.outcome, "answer 2 at 100ms, answer 1 at 200ms, answer 0 at 300ms, ")
      << report.explanation;
}

// What the sender did before it sent, the receiver sees.
TEST(Sockets, BytesCarryKnowledgeBothWays) {
  ExploreReport report = Explore([] {
    Listener listener;
    int question = 0, answer = 0;
    std::thread server([&] {
      int fd = listener.Accept();
      char c;
      EXPECT_EQ(recv(fd, &c, 1, 0), 1);
      answer = question + 1;
      SendAll(fd, "a");
      close(fd);
    });
    int fd = listener.Connect();
    question = 41;
    SendAll(fd, "q");
    char c;
    EXPECT_EQ(recv(fd, &c, 1, 0), 1);
    std::string text = std::to_string(answer);
    close(fd);
    server.join();
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (std::set<std::string>{"42"}));
}

TEST(Sockets, TwoClientsAreServedInEveryOrder) {
  ExploreReport report = Explore([] {
    Listener listener;
    std::string order;
    auto client = [&](const char* name) {
      int fd = listener.Connect();
      SendAll(fd, name);
      close(fd);
    };
    std::thread a(client, "a"), b(client, "b");
    for (int i = 0; i < 2; ++i) {
      int fd = listener.Accept();
      order += ReceiveAll(fd);
      close(fd);
    }
    a.join();
    b.join();
    return order;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (std::set<std::string>{"ab", "ba"}));
}

// connect and send on one side, accept and recv on the other; recv after send, accept after
// connect. Orders of c s | a r with those constraints: c a s r, c s a r.
TEST(Sockets, OneMessageHasTwoOrders) {
  ExploreReport report = Explore([] {
    Listener listener;
    int client_fd = socket(AF_INET, SOCK_STREAM, 0), server_fd = -1;
    std::string got;
    std::thread server([&] {
      server_fd = listener.Accept();
      char c;
      EXPECT_EQ(recv(server_fd, &c, 1, 0), 1);
      got = c;
    });
    std::thread client([&] {
      EXPECT_EQ(listener.ConnectTo(client_fd), 0);
      SendAll(client_fd, "x");
    });
    server.join();
    client.join();
    close(client_fd);
    close(server_fd);
    return got;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"x", 2}}));
}

TEST(Sockets, ANonBlockingReceiveSeesTheSendOrDoesNot) {
  ExploreReport report = Explore([] {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    std::thread sender([&] { SendAll(ends[0], "x"); });
    char c;
    ssize_t got = recv(ends[1], &c, 1, MSG_DONTWAIT);
    std::string text = got == 1 ? "x" : errno == EAGAIN ? "nothing" : "error";
    sender.join();
    close(ends[0]);
    close(ends[1]);
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"nothing", 1}, {"x", 1}}));
}

// The same over TCP: the step is over when the bytes have arrived, so it is no matter of luck.
TEST(Sockets, ANonBlockingReceiveOverTcpIsNoMatterOfLuck) {
  ExploreReport report = Explore([] {
    Listener listener;
    int client = listener.Connect();
    int server = listener.Accept();
    std::thread sender([&] { SendAll(client, "x"); });
    char c;
    ssize_t got = recv(server, &c, 1, MSG_DONTWAIT);
    std::string text = got == 1 ? "x" : errno == EAGAIN ? "nothing" : "error";
    sender.join();
    close(client);
    close(server);
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"nothing", 1}, {"x", 1}}));
}

TEST(Sockets, ANonBlockingConnectIsReadyToWrite) {
  RunReport report = Simulate([] {
    Listener listener;
    std::thread server([&] { close(listener.Accept()); });
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    std::string text = listener.ConnectTo(fd) == -1 && errno == EINPROGRESS ? "under way" : "?";
    pollfd wanted = {fd, POLLOUT, 0};
    text += " " + std::to_string(poll(&wanted, 1, 1000));
    int error = -1;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    close(fd);
    server.join();
    return text + " " + std::to_string(error);
  });
  EXPECT_EQ(report.outcome, "under way 1 0") << report.explanation;
}

TEST(Sockets, AConnectionNobodyWaitsForIsRefused) {
  RunReport report = Simulate([] {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    {
      Listener gone;
      socklen_t size = sizeof address;
      getsockname(gone.Fd(), reinterpret_cast<sockaddr*>(&address), &size);
    }
    int result = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    std::string text = result == -1 && errno == ECONNREFUSED ? "refused" : "?";
    close(fd);
    return text;
  });
  EXPECT_EQ(report.outcome, "refused") << report.explanation;
}

TEST(Sockets, AReceiveTimeOutIsVirtual) {
  RunReport report = Simulate([] {
    Listener listener;
    int client = listener.Connect();
    int server = listener.Accept();
    timeval limit = {2, 500'000};
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    char c;
    ssize_t got = recv(server, &c, 1, 0);
    std::string text = got == -1 && errno == EAGAIN ? "nothing at " : "? ";
    close(client);
    close(server);
    return text + Clock();
  });
  EXPECT_EQ(report.outcome, "nothing at 2500ms") << report.explanation;
}

TEST(Sockets, MessagesInPiecesArriveInOrder) {
  RunReport report = Simulate([] {
    Listener listener;
    int client = listener.Connect();
    int server = listener.Accept();
    char one[] = "one ", two[] = "two ", three[] = "three";
    iovec pieces[] = {{one, 4}, {two, 4}};
    EXPECT_EQ(writev(client, pieces, 2), 8);
    iovec last[] = {{three, 5}};
    msghdr message = {};
    message.msg_iov = last;
    message.msg_iovlen = 1;
    EXPECT_EQ(sendmsg(client, &message, 0), 5);
    close(client);
    char a[3], b[100];
    iovec into[] = {{a, 3}, {b, 100}};
    ssize_t size = readv(server, into, 2);
    close(server);
    return std::string(a, 3) + "|" + std::string(b, static_cast<std::size_t>(size - 3));
  });
  EXPECT_EQ(report.outcome, "one| two three") << report.explanation;
}

TEST(Sockets, WaitAllWaitsForAll) {
  RunReport report = Simulate([] {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    std::thread sender([&] {
      for (char c : {'a', 'b', 'c'}) {
        std::this_thread::sleep_for(10ms);
        SendAll(ends[0], std::string(1, c));
      }
    });
    char text[3];
    EXPECT_EQ(recv(ends[1], text, 3, MSG_WAITALL), 3);
    sender.join();
    close(ends[0]);
    close(ends[1]);
    return std::string(text, 3) + " " + Clock();
  });
  EXPECT_EQ(report.outcome, "abc 30ms") << report.explanation;
}

// More than the buffers hold, so the sender has to wait for the receiver again and again.
TEST(Sockets, ALongTransferArrivesWhole) {
  constexpr std::size_t kSize = 20'000'000;
  std::string sent(kSize, ' ');
  for (std::size_t i = 0; i < kSize; ++i) sent[i] = static_cast<char>(i * 31 % 251);
  RunReport report = Simulate([&] {
    Listener listener;
    std::thread sender([&] {
      int fd = listener.Connect();
      SendAll(fd, sent);
      close(fd);
    });
    int fd = listener.Accept();
    std::string received;
    std::vector<char> buffer(100'000);
    for (ssize_t size; (size = recv(fd, buffer.data(), buffer.size(), 0)) > 0;) {
      received.append(buffer.data(), static_cast<std::size_t>(size));
    }
    close(fd);
    sender.join();
    return (received == sent ? "whole " : "damaged ") + Clock();
  });
  EXPECT_EQ(report.outcome, "whole 0ms") << report.explanation;
}

TEST(Sockets, TheReceiverOfAClosedConnectionReadsItsLastBytes) {
  ExploreReport report = Explore([] {
    Listener listener;
    int client = listener.Connect();
    int server = listener.Accept();
    std::thread sender([&] {
      SendAll(client, "bye");
      close(client);
    });
    std::string all = ReceiveAll(server);
    sender.join();
    close(server);
    return all;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (std::set<std::string>{"bye"}));
}

TEST(Sockets, ADeadlockNamesTheSocket) {
  RunReport report = Simulate([] {
    Listener listener;
    int client = listener.Connect();
    std::thread server([&] {
      int fd = listener.Accept();
      char c;
      recv(fd, &c, 1, 0);
    });
    char c;
    recv(client, &c, 1, 0);
    server.join();
    return "";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  EXPECT_NE(report.explanation.find("MainThread  waits to read descriptor "), std::string::npos);
  EXPECT_NE(report.explanation.find("(socket 1)"), std::string::npos) << report.explanation;
}

TEST(Sockets, AUnixListenerAccepts) {
  RunReport report = Simulate([] {
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    sa_family_t family = AF_UNIX;  // without a name: the kernel gives it one
    EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&family), sizeof family), 0);
    EXPECT_EQ(listen(listener, 1), 0);
    char address[128];
    socklen_t size = sizeof address;
    getsockname(listener, reinterpret_cast<sockaddr*>(address), &size);
    std::thread client([&] {
      int fd = socket(AF_UNIX, SOCK_STREAM, 0);
      EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(address), size), 0);
      SendAll(fd, "hello");
      close(fd);
    });
    int fd = accept(listener, nullptr, nullptr);
    std::string text = ReceiveAll(fd);
    client.join();
    close(fd);
    close(listener);
    return text;
  });
  EXPECT_EQ(report.outcome, "hello") << report.explanation;
}

TEST(Sockets, LocalNamesAreKnown) {
  RunReport report = Simulate([] {
    std::string text;
    for (const char* name : {"localhost", "127.0.0.1"}) {
      addrinfo hints = {};
      hints.ai_family = AF_INET;
      hints.ai_socktype = SOCK_STREAM;
      addrinfo* result = nullptr;
      EXPECT_EQ(getaddrinfo(name, "80", &hints, &result), 0);
      auto* address = reinterpret_cast<sockaddr_in*>(result->ai_addr);
      char host[INET_ADDRSTRLEN];
      text += inet_ntop(AF_INET, &address->sin_addr, host, sizeof host);
      text += ":" + std::to_string(ntohs(address->sin_port)) + " ";
      freeaddrinfo(result);
    }
    return text;
  });
  EXPECT_EQ(report.outcome, "127.0.0.1:80 127.0.0.1:80 ") << report.explanation;
}

}  // namespace
}  // namespace interleave
