// tests/net/net_virtual_time_test.cc
//
// Servers and clients in a simulation: the bytes go over the loopback device, the clock stands
// still while any are under way.

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>
#include <utility>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/engine/explore.h"
#include "runtime/net/tcp_server.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

std::string Outcome(const Body& body) {
  const RunReport report = Simulate(body);
  return report.ending == Ending::kReturned ? report.outcome : report.explanation;
}

// What happens when, in milliseconds.
class Log {
 public:
  void Add(const std::string& word) {
    const auto now = EventLoop::Clock::now() - start_;
    text_ << word << "@" << std::chrono::duration<double, std::milli>(now).count() << " ";
  }
  std::string text() const { return text_.str(); }

 private:
  const EventLoop::TimePoint start_ = EventLoop::Clock::now();
  std::ostringstream text_;
};

// Answers each line after as many milliseconds as it says.
Task<void> AnswerLater(Stream stream) {
  while (true) {
    const std::string line = co_await stream.ReadLine();
    if (line.empty()) co_return;
    co_await SleepFor(std::chrono::milliseconds(std::stoi(line)));
    stream.Write("after " + line);
    co_await stream.Drain();
  }
}

Task<void> AskTwice(Log& log, Endpoint server, int delay) {
  Stream stream = co_await OpenConnection(server.host, server.port);
  for (int i = 0; i < 2; ++i) {
    stream.Write(std::to_string(delay) + "\n");
    std::string answer = co_await stream.ReadLine();
    answer.pop_back();
    log.Add(answer);
  }
}

TEST(NetVirtualTimeTest, AnswersComeExactlyWhenTheyAreDue) {
  EXPECT_EQ(Outcome([] {
              Log log;
              auto main = [](Log& log) -> Task<void> {
                TcpServer server(AnswerLater);
                co_await Gather(AskTwice(log, server.endpoint(), 30),
                                AskTwice(log, server.endpoint(), 1000),
                                AskTwice(log, server.endpoint(), 20));
                server.Close();
                co_await server.WaitClosed();
              };
              interleave::Run(main(log));
              return log.text();
            }),
            "after 20@20 after 30@30 after 20@40 after 30@60 after 1000@1000 after 1000@2000 ");
}

}  // namespace
}  // namespace interleave
