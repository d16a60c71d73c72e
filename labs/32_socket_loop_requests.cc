// Lab 32, a web server under load (S3.16): each page takes its handler half a second, of which it
// waits all, as for a database. All clients come at the same moment.
//
// Twenty have their pages after half a second, together. So should two hundred; but with --real the
// second half of them waits a second more. A connection waits in a queue of the kernel until the
// server accepts it, and this server asked for a queue of 100 (so does asyncio by itself). When the
// queue is full the kernel drops what comes, without a word, and the client's kernel tries again
// after a second.
//
// In a simulation that cannot be seen: the clock is virtual, the kernel's second is a real one, and
// so the engine makes each queue as long as the system allows.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/lab/elapsed.h"
#include "runtime/lab/lab.h"
#include "runtime/net/endpoint.h"
#include "runtime/net/stream.h"
#include "runtime/net/tcp_server.h"

// In 32_socket_loop_sockets.cc.
using interleave::Say;
using interleave::StartTheClock;

namespace {

using interleave::Endpoint;
using interleave::Stream;
using interleave::Task;
using namespace std::chrono_literals;

Task<void> Answer(Stream client) {
  const std::string request = co_await client.ReadUntil("\r\n\r\n");
  co_await interleave::SleepFor(500ms);  // the database
  client.Write("HTTP/1.0 200 OK\r\n\r\n<h1>A page</h1>\n");
  co_await client.Drain();
}

Task<void> Get(Endpoint server) {
  Stream stream = co_await interleave::OpenConnection(server.host, server.port);
  stream.Write("GET / HTTP/1.0\r\n\r\n");
  co_await stream.ReadUntil("</h1>\n");
}

Task<void> Client(Endpoint server, int number, int& pages) {
  co_await Get(server);
  if (++pages == 1 || pages == number) Say("page " + std::to_string(pages));
}

Task<std::string> Visit(int number) {
  interleave::TcpServer server(Answer, {.backlog = 100});
  StartTheClock();
  int pages = 0;
  std::vector<Task<void>> clients;
  for (int i = 0; i < number; ++i) clients.push_back(Client(server.endpoint(), number, pages));
  co_await interleave::Gather(std::move(clients));
  co_return std::to_string(pages) + " pages";
}

}  // namespace

void AddRequests(interleave::Lab& lab) {
  lab.Scenario("requests", [] { return interleave::Run(Visit(20)); })
      .Id("S3.16")
      .Says("a web server; 20 clients come at once, and each page takes half a second")
      .Outcome("20 pages", "the first and the last page come at the same time.");
  lab.Scenario("many", [] { return interleave::Run(Visit(200)); })
      .OnRequest()
      .Says("the same with 200 clients; with --real the kernel's queue of 100 is too short")
      .Outcome("200 pages")
      .Takes(4s);
}
