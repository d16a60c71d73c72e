// Lab 32: a socket loop
//
// How does one server serve many?
//
// A server accepts a connection, and then there are two things to wait for: what this client says,
// and the next client. accept and recv are calls that wait, each for one of them. Four ways out:
//
//   sequential   no way out: who is being served is served to the end, the others wait
//   threads      a thread for each connection waits for that one
//   pool         the same with so many threads and no more: what is too much waits in line
//   loop         one thread waits for all of them at once, and goes on with whoever has something
//
// The loop is what the event loop of lab 19 was made for: its kernel call, epoll, takes a list of
// sockets and says which of them are ready. Under a Stream is a socket that never blocks.
//
// Run it:     bazel run //labs:32_socket_loop
//
// Notice:     Three clients connect after 1 s, say Hello and World! with 1 s behind each, and end
//             1 s later. If nobody has to wait that is at 4 s. "ends" is at 4, 6, 8 s in
//             sequential, at 4, 4, 6 s in a pool of two, and at 4, 4, 4 s with threads and in the
//             loop.
//
//             In sequential a client is connected although nobody has accepted it, and its Hello is
//             sent: the kernel keeps both until the server asks. It looks like a slow server.
//
//             Echo and EchoOnLoop are the same function but for co_await. The loop serves three
//             clients with one thread, MainThread; with ten thousand it would still be one.
//
//             The handlers of a web server wait as well, for a database or for a file. requests
//             (32_socket_loop_requests.cc) waits for the first without holding up anybody, and
//             blocking_read (32_socket_loop_files.cc) is what becomes of the others if it reads
//             the file on the loop.
//
// Try:        kWorkers = 1 and 3: when do the clients end?
//             std::this_thread::sleep_for(1s) in EchoOnLoop, in front of Write: who pays for it?
//             --real --scenario=many: why a second more? (32_socket_loop_requests.cc)
//
// Next:       33_graceful_shutdown
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/async/async_semaphore.h"
#include "runtime/async/run.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/net/stream.h"
#include "runtime/net/tcp_server.h"
#include "runtime/threads/thread_pool.h"

int Listen();  // in 32_socket_loop_sockets.cc
std::uint16_t PortOf(int listener);
std::vector<std::thread> StartClients(int number,
                                      std::uint16_t port);  // in 32_socket_loop_clients.cc
std::string Echoes(std::vector<std::thread>& clients);
void AddRequests(interleave::Lab& lab);  // in 32_socket_loop_requests.cc
void AddFiles(interleave::Lab& lab);     // in 32_socket_loop_files.cc

namespace {

using interleave::Stream;
using interleave::Task;
using namespace std::chrono_literals;

constexpr int kClients = 3;
constexpr int kWorkers = 2;

// Three servers that wait for one thing at a time. Each serves three clients and ends.

void Echo(int client) {
  char bytes[100];
  for (;;) {
    const ssize_t size = recv(client, bytes, sizeof bytes, 0);
    if (size <= 0) break;  // the client has closed it
    send(client, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  }
  close(client);
}

void Sequential(int listener) {
  for (int i = 0; i < kClients; ++i) Echo(accept(listener, nullptr, nullptr));
}

void ThreadEach(int listener) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    const int client = accept(listener, nullptr, nullptr);
    threads.emplace_back(Echo, client);
  }
  for (std::thread& thread : threads) thread.join();
}

void Pool(int listener) {
  interleave::ThreadPool pool(kWorkers, "worker");
  for (int i = 0; i < kClients; ++i) pool.Submit(Echo, accept(listener, nullptr, nullptr));
}

template <void (*serve)(int listener)>
std::string Blocking() {
  const int listener = Listen();
  std::vector<std::thread> clients = StartClients(kClients, PortOf(listener));
  serve(listener);
  close(listener);
  return Echoes(clients);
}

// One that waits for all of them.

Task<void> EchoOnLoop(Stream client) {
  for (;;) {
    const std::string bytes = co_await client.ReadSome();
    if (bytes.empty()) break;
    client.Write(bytes);
    co_await client.Drain();
  }
}

Task<void> ServeOnLoop(std::vector<std::thread>& clients) {
  interleave::AsyncSemaphore served(0);
  auto handler = [&](Stream client) -> Task<void> {
    co_await EchoOnLoop(std::move(client));
    served.Release();
  };
  interleave::TcpServer server(handler);
  clients = StartClients(kClients, server.endpoint().port);
  for (int i = 0; i < kClients; ++i) co_await served.Acquire();
}

std::string Loop() {
  std::vector<std::thread> clients;
  interleave::Run(ServeOnLoop(clients));
  return Echoes(clients);
}

std::string FourStyles() {
  struct Style {
    std::string name;
    std::string (*run)();
  };
  std::string echoes;
  for (const Style& style :
       {Style{"sequential", Blocking<Sequential>}, Style{"threads", Blocking<ThreadEach>},
        Style{"pool", Blocking<Pool>}, Style{"loop", Loop}}) {
    interleave::Print(style.name + ":");
    echoes += (echoes.empty() ? "" : ", ") + style.run();
  }
  return echoes;
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("32_socket_loop", "A socket loop: how does one server serve many?");
  lab.Scenario("sequential", Blocking<Sequential>)
      .Says("an echo server that serves one client after the other")
      .Outcome("6 echoes", "everybody was served, the last with a patience of 4 s.")
      .ShowsTimeline()
      .Takes(8s);
  lab.Scenario("threads", Blocking<ThreadEach>)
      .Says("the same with a thread for each client")
      .Outcome("6 echoes", "nobody waited for anybody.")
      .ShowsTimeline()
      .Takes(4s);
  lab.Scenario("pool", Blocking<Pool>)
      .Says("the same with two threads for all: the third client waits for the first to go")
      .Outcome("6 echoes", "it is bounded, and whoever keeps a worker keeps others waiting.")
      .ShowsTimeline()
      .Takes(6s);
  lab.Scenario("loop", Loop)
      .Says("the same on an event loop: one thread")
      .Outcome("6 echoes", "nobody waited for anybody, and one thread served them.")
      .ShowsTimeline()
      .Takes(4s);
  lab.Scenario("four_styles", FourStyles)
      .Id("S0.26")
      .OnRequest()
      .Says("all four, one behind the other")
      .Outcome("6 echoes, 6 echoes, 6 echoes, 6 echoes")
      .Takes(22s);
  AddRequests(lab);
  AddFiles(lab);
  lab.Notice(
      "A thread that waits for one client serves one client. A loop waits for all of them in one "
      "call, as long as no handler waits in any other.");
  lab.Try("kWorkers = 1 and 3; sleep_for in EchoOnLoop; --real --scenario=many.");
  lab.Next("33_graceful_shutdown");
  return lab.Main(argc, argv);
}
