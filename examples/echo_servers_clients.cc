// The clients of examples/echo_servers.cc: a crowd on a thread of its own, a coroutine each. They
// connect after a second, say Hello and World! with a second behind each, and end a second later.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/lab/log.h"
#include "runtime/net/stream.h"
#include "runtime/threads/thread_name.h"

namespace {

using interleave::SleepFor;
using interleave::Task;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

Task<int> Say(interleave::Stream& server, std::string word) {
  server.Write(word);
  co_await server.Drain();
  const std::string answer = co_await server.ReadExactly(static_cast<std::ptrdiff_t>(word.size()));
  co_return answer == word ? 1 : 0;
}

Task<int> Talk(int number, std::uint16_t port, steady_clock::time_point began) {
  int echoes = 0;
  co_await SleepFor(1s);
  {
    interleave::Stream server = co_await interleave::OpenConnection("127.0.0.1", port);
    for (const std::string word : {"Hello", "World!"}) {
      echoes += co_await Say(server, word);
      co_await SleepFor(1s);
    }
  }  // here it is closed
  co_await SleepFor(1s);
  const std::chrono::duration<double> took = steady_clock::now() - began;
  char line[40];
  std::snprintf(line, sizeof line, "%4.1f s  client %d ends", took.count(), number);
  interleave::Print(line);
  co_return echoes;
}

Task<int> TalkAll(int clients, std::uint16_t port) {
  std::vector<Task<int>> talks;
  for (int i = 1; i <= clients; ++i) talks.push_back(Talk(i, port, steady_clock::now()));
  int echoes = 0;
  for (const int each : co_await interleave::Gather(std::move(talks))) echoes += each;
  co_return echoes;
}

}  // namespace

std::thread StartClients(int clients, std::uint16_t port, int& echoes) {
  return std::thread([clients, port, &echoes] {
    interleave::SetThreadName("clients");
    echoes = interleave::Run(TalkAll(clients, port));
  });
}
