// examples/echo_servers.cc
//
// An echo server says what it hears. Here is one five times, and one crowd of clients that visits
// each: lab 32 asks why they end when they do.
//
//   sequential   one client after the other, on one thread
//   threads      a thread for each client
//   pool         so many threads (--workers=N), and who finds none waits
//   loop         a coroutine for each client, all on one thread
//   green        a green thread for each client, all on one thread
//
// Run it:     bazel run //examples:echo_servers -- --clients=10 --workers=4
//
// One that you can talk to, until Ctrl-C (nc 127.0.0.1 7000 in another window, or in several):
//
//             bazel run //examples:echo_servers -- --real --scenario=serve --style=pool --port=7000
//
// Compare Echo, EchoOnLoop and EchoGreen: the first and the last differ in what a read is called,
// the last two in where they wait. The clients are in echo_servers_clients.cc.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/async/async_semaphore.h"
#include "runtime/async/run.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/net/descriptor.h"
#include "runtime/net/green_thread.h"
#include "runtime/net/numbers.h"
#include "runtime/net/stream.h"
#include "runtime/net/tcp_server.h"
#include "runtime/threads/thread_pool.h"

// A crowd of clients for the server on `port`, on a thread of its own; in echo_servers_clients.cc.
// The number becomes that of the words that came back as they were sent.
std::thread StartClients(int clients, std::uint16_t port, int& echoes);

namespace {

using interleave::Await;
using interleave::Descriptor;
using interleave::Print;
using interleave::Stream;
using interleave::Task;
using namespace std::chrono_literals;

constexpr int kMostClients = 20;
constexpr int kWordsEach = 2;

struct Settings {
  int clients = 3;
  int workers = 2;
  std::string style = "loop";
  std::uint16_t port = 7000;
} settings;

// What a server is to do: serve so many clients, and then end. `listening` is told the port.
struct Job {
  int clients;
  std::uint16_t port;  // 0: one that is free
  std::function<void(std::uint16_t port)> listening;
};

// ---- Three servers that wait for one thing at a time ----

Descriptor Listen(std::uint16_t port) {
  Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;  // the port may be used again at once when the program has ended
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
      listen(listener.get(), SOMAXCONN) < 0) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot listen on 127.0.0.1:" + std::to_string(port));
  }
  return listener;
}

std::uint16_t PortOf(const Descriptor& listener) {
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Descriptor Accept(const Descriptor& listener) {
  Descriptor client(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!client) throw std::system_error(errno, std::generic_category(), "accept");
  return client;
}

void Echo(const Descriptor& client) {
  char bytes[4096];
  for (;;) {
    const ssize_t size = recv(client.get(), bytes, sizeof bytes, 0);
    if (size <= 0) return;  // the client has closed it, or is gone
    send(client.get(), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  }
}

void Sequential(const Job& job) {
  const Descriptor listener = Listen(job.port);
  job.listening(PortOf(listener));
  for (int i = 0; i < job.clients; ++i) Echo(Accept(listener));
}

void ThreadEach(const Job& job) {
  const Descriptor listener = Listen(job.port);
  job.listening(PortOf(listener));
  std::vector<std::thread> threads;  // joined at the end, so one that never ends keeps them all
  for (int i = 0; i < job.clients; ++i) threads.emplace_back(Echo, Accept(listener));
  for (std::thread& thread : threads) thread.join();
}

void Pool(const Job& job) {
  const Descriptor listener = Listen(job.port);
  job.listening(PortOf(listener));
  interleave::ThreadPool pool(settings.workers, "worker");
  for (int i = 0; i < job.clients; ++i) pool.Submit(Echo, Accept(listener));
}

// ---- Two that wait for all of them at once, on one thread ----

Task<void> EchoOnLoop(Stream client) {
  std::array<char, 4096> memory;
  for (;;) {
    const std::string_view bytes = co_await client.ReadInto(memory);
    if (bytes.empty()) co_return;
    client.Write(bytes);
    co_await client.Drain();
  }
}

void EchoGreen(Stream& client) {
  std::array<char, 4096> memory;
  for (;;) {
    const std::string_view bytes = Await(client.ReadInto(memory));
    if (bytes.empty()) return;
    client.Write(bytes);
    Await(client.Drain());
  }
}

Task<void> EchoOnGreenThread(Stream client) {
  return interleave::RunGreen([client = std::move(client)]() mutable { EchoGreen(client); });
}

template <Task<void> (*echo)(Stream)>
Task<void> ServeOnLoop(const Job& job) {
  interleave::AsyncSemaphore served(0);
  auto serve = [&served](Stream client) -> Task<void> {
    co_await echo(std::move(client));
    served.Release();
  };
  interleave::TcpServer server(serve, {.port = job.port});
  job.listening(server.endpoint().port);
  for (int i = 0; i < job.clients; ++i) co_await served.Acquire();
}

template <Task<void> (*echo)(Stream)>
void Loop(const Job& job) {
  interleave::Run(ServeOnLoop<echo>(job));
}

// ---- The program ----

using Style = void (*)(const Job&);

const std::map<std::string, Style> kStyles = {{"sequential", Sequential},
                                              {"threads", ThreadEach},
                                              {"pool", Pool},
                                              {"loop", Loop<EchoOnLoop>},
                                              {"green", Loop<EchoOnGreenThread>}};

std::string Visit(const std::string& style) {
  int echoes = 0;
  std::thread clients;
  kStyles.at(style)({.clients = settings.clients, .port = 0, .listening = [&](std::uint16_t port) {
                       clients = StartClients(settings.clients, port, echoes);
                     }});
  clients.join();
  return echoes == kWordsEach * settings.clients ? "every word came back" : "words are lost";
}

std::string Serve() {
  kStyles.at(settings.style)({.clients = std::numeric_limits<int>::max(),
                              .port = settings.port,
                              .listening = [](std::uint16_t port) {
                                Print("a " + settings.style + " server on 127.0.0.1:" +
                                      std::to_string(port) + "; Ctrl-C ends it");
                              }});
  return "ended";
}

int Number(const std::string& text, int most) {
  const std::optional<int> number = interleave::ParseNumber<int>(text);
  if (!number || *number < 1 || *number > most) {
    throw std::invalid_argument("'" + text + "' is no number from 1 to " + std::to_string(most));
  }
  return *number;
}

void ChooseStyle(const std::string& text) {
  if (!kStyles.contains(text)) {
    throw std::invalid_argument("there is no style '" + text +
                                "'; there are sequential, threads, pool, loop and green");
  }
  settings.style = text;
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("echo_servers", "Echo servers: five styles, and clients for them");
  lab.Flag("--clients=N", "how many come at once; 3 unless given",
           [](const std::string& text) { settings.clients = Number(text, kMostClients); });
  lab.Flag("--workers=N", "of the pool; 2 unless given",
           [](const std::string& text) { settings.workers = Number(text, 100); });
  lab.Flag("--style=STYLE", "of --scenario=serve; loop unless given", ChooseStyle);
  lab.Flag("--port=N", "of --scenario=serve; 7000 unless given", [](const std::string& text) {
    settings.port = static_cast<std::uint16_t>(Number(text, 65535));
  });
  const auto visit = [&lab](const std::string& style) -> interleave::Scenario& {
    return lab.Scenario(style, [style] { return Visit(style); })
        .Outcome("every word came back")
        .Takes(2s + 2s * kMostClients);
  };
  visit("sequential").Says("one client after the other");
  visit("threads").Says("a thread for each client");
  visit("pool").Says("a few threads for all clients");
  visit("loop").Says("a coroutine for each client, on one thread");
  visit("green").Says("a green thread for each client, on one thread");
  lab.Scenario("serve", Serve)
      .OnlyByName()
      .Says("with --real: a server for you to talk to, until Ctrl-C")
      .Takes(24h);
  lab.Notice(
      "Who serves one client at a time lets the others wait for its pauses. Threads buy that off "
      "with a stack each, the loop with co_await, green threads with a small stack.");
  lab.Try("--clients=10 --workers=4; --real --scenario=serve --style=green, and nc.");
  return lab.Main(argc, argv);
}
