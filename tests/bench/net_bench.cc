// What an echo of 64 bytes costs the server, beside a server on bare epoll and one on Asio.
//
//   bazel run //tests/bench:net_bench              (or: net_bench ROUNDS)
//
// Each server is a process of its own on one core; one client with 50 connections, a message in
// flight on each, is on another. In each round every server has its turn of 20,000 round trips, so
// that whatever else the machine does meets all of them. What is counted is the processor time of
// the server, and the ratio is to the bare one of the same round: the median over all rounds, and
// its quartiles.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "runtime/async/run.h"
#include "runtime/net/tcp_server.h"

namespace {

constexpr int kConnections = 50;
constexpr std::size_t kMessage = 64;
constexpr long kTrips = 20'000;

void Check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

void UseCore(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

void SendAtOnce(int fd) {
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

// The servers. Each writes its port to `ready` and serves until it is killed.

void Tell(int ready, std::uint16_t port) { Check(write(ready, &port, sizeof port) == 2, "pipe"); }

void ServeEpoll(int ready) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  Check(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  Check(listen(listener, 128) == 0, "listen");
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const int epoll = epoll_create1(0);
  auto watch = [epoll](int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  };
  watch(listener);
  Tell(ready, ntohs(address.sin_port));
  while (true) {
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        const int accepted = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (accepted < 0) continue;
        SendAtOnce(accepted);
        watch(accepted);
        continue;
      }
      std::array<char, 4096> bytes;
      const ssize_t got = recv(fd, bytes.data(), bytes.size(), 0);
      if (got <= 0 || send(fd, bytes.data(), got, MSG_NOSIGNAL) != got) close(fd);
    }
  }
}

interleave::Task<void> Echo(interleave::Stream stream) {
  std::array<char, 4096> memory;
  while (true) {
    const std::string_view bytes = co_await stream.ReadInto(memory);
    if (bytes.empty()) co_return;
    stream.Write(bytes);
    co_await stream.Drain();
  }
}

interleave::Task<void> Serve(int ready) {
  interleave::TcpServer server(Echo);
  Tell(ready, server.endpoint().port);
  co_await interleave::AsyncFuture<void>();
}

void ServeInterleave(int ready) { interleave::Run(Serve(ready)); }

asio::awaitable<void> AsioEcho(asio::ip::tcp::socket socket) {
  std::array<char, 4096> bytes;
  while (true) {
    const std::size_t size =
        co_await socket.async_read_some(asio::buffer(bytes), asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(bytes.data(), size), asio::use_awaitable);
  }
}

asio::awaitable<void> AsioServe(asio::io_context& context, int ready) {
  using asio::ip::tcp;
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  Tell(ready, acceptor.local_endpoint().port());
  while (true) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(context, AsioEcho(std::move(socket)), asio::detached);
  }
}

void ServeAsio(int ready) {
  asio::io_context context(1);
  asio::co_spawn(context, AsioServe(context, ready), asio::detached);
  context.run();
}

// The client.

class Client {
 public:
  Client(const char* name, void (*serve)(int ready)) : name_(name) {
    int ends[2];
    Check(pipe(ends) == 0, "pipe");
    server_ = fork();
    if (server_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      UseCore(0);
      serve(ends[1]);
      std::exit(0);
    }
    std::uint16_t port;
    Check(read(ends[0], &port, sizeof port) == 2, "the server's port");
    close(ends[0]);
    close(ends[1]);
    Check(clock_getcpuclockid(server_, &server_clock_) == 0, "the server's clock");
    for (int i = 0; i < kConnections; ++i) Connect(port);
    Trip(kTrips);  // warms up
  }
  ~Client() {
    kill(server_, SIGKILL);
    waitpid(server_, nullptr, 0);
  }

  // The server's processor time for each of `trips`, in microseconds.
  double Trip(long trips) {
    const double start = ServerTime();
    std::array<char, kMessage> message{};
    for (const int fd : sockets_) {
      Check(send(fd, message.data(), kMessage, 0) == ssize_t{kMessage}, "send");
    }
    long sent = kConnections;
    for (long done = 0; done < sent;) {
      std::array<epoll_event, 64> events;
      const int count = epoll_wait(epoll_, events.data(), events.size(), 5000);
      Check(count > 0, "the server stalls");
      for (int i = 0; i < count; ++i) {
        const int fd = events[i].data.fd;
        const ssize_t size = recv(fd, message.data(), kMessage, MSG_WAITALL);
        Check(size == ssize_t{kMessage}, "recv");
        ++done;
        if (sent >= trips) continue;
        ++sent;
        Check(send(fd, message.data(), kMessage, 0) == ssize_t{kMessage}, "send");
      }
    }
    return (ServerTime() - start) / static_cast<double>(sent) * 1e6;
  }

  const char* name() const { return name_; }
  std::vector<double> times, ratios;

 private:
  void Connect(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    Check(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
    SendAtOnce(fd);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    sockets_.push_back(fd);
  }
  double ServerTime() const {
    timespec time;
    clock_gettime(server_clock_, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }

  const char* const name_;
  pid_t server_;
  clockid_t server_clock_;
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<int> sockets_;
};

double Quantile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1) + 0.5)];
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 30;
  if (rounds < 1) {
    std::fprintf(stderr, "net_bench: %s: how many rounds is a number from 1\n", argv[1]);
    return 2;
  }
  Client floor("bare epoll", ServeEpoll);
  Client ours("Interleave", ServeInterleave);
  Client asio("Asio", ServeAsio);
  UseCore(1);
  const std::array<Client*, 3> all{&floor, &ours, &asio};
  for (int round = 0; round < rounds; ++round) {
    std::array<double, 3> times;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::size_t turn = (i + static_cast<std::size_t>(round)) % all.size();
      times[turn] = all[turn]->Trip(kTrips);
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i]->times.push_back(times[i]);
      all[i]->ratios.push_back(times[i] / times[0]);
    }
  }
  std::printf("%-12s %12s %8s %20s\n", "echo", "us per trip", "ratio", "quartiles");
  for (const Client* client : all) {
    std::printf("%-12s %12.2f %8.3f %11.3f .. %.3f\n", client->name(), Quantile(client->times, 0.5),
                Quantile(client->ratios, 0.5), Quantile(client->ratios, 0.25),
                Quantile(client->ratios, 0.75));
  }
}
