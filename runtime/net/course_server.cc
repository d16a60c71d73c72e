// runtime/net/course_server.cc

#include "runtime/net/course_server.h"

#include <signal.h>

#include <exception>
#include <filesystem>
#include <stdexcept>
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

CourseServer::CourseServer(CourseServerOptions options) : site_{.options = std::move(options)} {
  const std::string& folder = site_.options.folder;
  if (!folder.empty() && !std::filesystem::is_directory(folder)) {
    throw std::invalid_argument("'" + folder + "' is no folder");
  }
  const WebServerOptions& web = site_.options.web;
  ListeningSocket socket({web.host, web.port}, web.backlog);
  endpoint_ = socket.endpoint();
  std::promise<void> ready;
  std::future<void> is_ready = ready.get_future();
  thread_ = std::thread([this, socket = std::move(socket), ready = std::move(ready)]() mutable {
    SetThreadName("course-server");
    LeaveSignalsToOthers();
    EventLoop loop;
    loop.RunUntilComplete(Serve(std::move(socket), std::move(ready)));
  });
  try {
    is_ready.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

CourseServer::~CourseServer() {
  loop_->CallSoonThreadSafe([this] { stop_->Set(); });
  thread_.join();
}

Task<void> CourseServer::Serve(ListeningSocket socket, std::promise<void> ready) {
  AsyncEvent stop;
  try {
    web_ = std::make_unique<WebServer>(
        [this](WebRequest request) { return Answer(site_, std::move(request)); }, site_.options.web,
        std::move(socket));
  } catch (...) {
    ready.set_exception(std::current_exception());
    co_return;
  }
  loop_ = &EventLoop::Current();
  stop_ = &stop;
  ready.set_value();
  co_await stop.Wait();
  co_await web_->Close();
}

}  // namespace interleave
