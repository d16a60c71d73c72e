// Lab 32, a web server that reads files (S4.04): the file takes half a second, and another client
// asks meanwhile for something that takes no time.
//
// A socket can be waited for in the loop; a file cannot. For the kernel a file is always ready, and
// read() does not return before the disk has turned. So it is a blocking call as in lab 23, and it
// goes where lab 24 sends those: to a worker.
#include <chrono>
#include <string>
#include <thread>

#include "runtime/async/gather.h"
#include "runtime/async/offload.h"
#include "runtime/async/run.h"
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
using interleave::Offload;
using interleave::Stream;
using interleave::Task;
using namespace std::chrono_literals;

std::string ReadFile() {
  std::this_thread::sleep_for(500ms);  // the disk
  return "the file\n";
}

Task<void> AnswerBlocking(Stream client) {
  const std::string request = co_await client.ReadUntil("\r\n\r\n");
  if (request.starts_with("GET /file ")) {
    client.Write("HTTP/1.0 200 OK\r\n\r\n" + ReadFile());
  } else {
    client.Write("HTTP/1.0 200 OK\r\n\r\nquick\n");
  }
  co_await client.Drain();
}

Task<void> AnswerOffloading(Stream client) {
  const std::string request = co_await client.ReadUntil("\r\n\r\n");
  if (request.starts_with("GET /file ")) {
    client.Write("HTTP/1.0 200 OK\r\n\r\n" + co_await Offload(ReadFile));
  } else {
    client.Write("HTTP/1.0 200 OK\r\n\r\nquick\n");
  }
  co_await client.Drain();
}

Task<bool> Get(Endpoint server, std::string path) {
  Stream stream = co_await interleave::OpenConnection(server.host, server.port);
  stream.Write("GET " + path + " HTTP/1.0\r\n\r\n");
  const std::string answer = co_await stream.ReadToEnd(1000);
  Say(path);
  co_return answer.starts_with("HTTP/1.0 200 OK\r\n");
}

Task<std::string> Visit(Task<void> (*answer)(Stream)) {
  interleave::TcpServer server(answer);
  StartTheClock();
  const auto [file, quick] = co_await interleave::Gather(Get(server.endpoint(), "/file"),
                                                         Get(server.endpoint(), "/quick"));
  co_return file&& quick ? "both answered" : "an answer is missing";
}

}  // namespace

void AddFiles(interleave::Lab& lab) {
  lab.Scenario("blocking_read", [] { return interleave::Run(Visit(AnswerBlocking)); })
      .Says("a web server reads a file for one client; another asks for something quick")
      .Outcome("both answered", "who asked for something quick has waited for the file, too.");
  lab.Scenario("offloaded_read", [] { return interleave::Run(Visit(AnswerOffloading)); })
      .Id("S4.04")
      .Says("cure: the same; the file is read by a worker")
      .Outcome("both answered", "quick is quick.");
}
