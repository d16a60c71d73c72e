// runtime/net/course_server.cc

#include "runtime/net/course_server.h"

#include <signal.h>

#include <exception>
#include <utility>

#include "runtime/async/spawn.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

// Signals are for the program's own threads. That includes SIGPIPE, which a write to somebody who
// has gone would send.
void LeaveSignalsToOthers() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

CourseServer::CourseServer(CourseServerOptions options) : options_(std::move(options)) {
  ListeningSocket socket(options_.web.host, options_.web.port, options_.web.backlog);
  port_ = socket.port();
  std::promise<void> listening;
  thread_ = std::thread([&] {
    SetThreadName("course-server");
    LeaveSignalsToOthers();
    EventLoop loop;
    loop.RunUntilComplete(Serve(std::move(socket), listening));
  });
  try {
    listening.get_future().get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

CourseServer::~CourseServer() {
  loop_->CallSoonThreadSafe([this] { stop_->Set(); });
  thread_.join();
}

Task<void> CourseServer::Serve(ListeningSocket socket, std::promise<void>& listening) {
  AsyncEvent stop;
  try {
    web_ = std::make_unique<WebServer>(
        [this](WebRequest request) { return AnswerCourse(options_, std::move(request)); },
        options_.web, std::move(socket));
  } catch (...) {
    listening.set_exception(std::current_exception());
    co_return;
  }
  loop_ = &EventLoop::Current();
  stop_ = &stop;
  listening.set_value();
  co_await stop.Wait();
  co_await web_->Close();
}

}  // namespace interleave
