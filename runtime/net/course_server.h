// runtime/net/course_server.h
//
// The web sites of the course, in this process and on this machine: what the articles ask on the
// internet, answered from here, at the same speed each time.
//
//   CourseServer server;
//   Get(server.url() + "/api/character/3");     // after 84 ms {"id": 3, "name": ...}
//
// Its paths (`/` lists them): characters, ISBN lookups, pages that are slow, files of any size, and
// every way in which a server can disappoint. `bazel run //examples:course_server` serves them to
// a browser.
//
// It runs on a thread of its own, named course-server. In a simulation its latencies are virtual
// and exact, and the same requests get the same bytes.
//
// Threads: may be used from any.

#ifndef INTERLEAVE_RUNTIME_NET_COURSE_SERVER_H_
#define INTERLEAVE_RUNTIME_NET_COURSE_SERVER_H_

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "runtime/net/course_paths.h"
#include "runtime/net/endpoint.h"
#include "runtime/net/web_server.h"

namespace interleave {

class CourseServer {
 public:
  // Listens when the constructor returns.
  // Throws: as ListeningSocket; std::invalid_argument if there is no such folder.
  explicit CourseServer(CourseServerOptions options = {});
  // Drops whatever is being answered, and waits for the thread.
  ~CourseServer();
  CourseServer(const CourseServer&) = delete;
  CourseServer& operator=(const CourseServer&) = delete;

  const Endpoint& endpoint() const { return endpoint_; }
  // "http://127.0.0.1:40123"
  std::string url() const { return "http://" + endpoint_.Text(); }
  // How many connected, how many were answered at a time at most ...
  WebCounts Counts() const { return web_->Counts(); }

 private:
  Task<void> Serve(ListeningSocket socket, std::promise<void> ready);

  CourseSite site_;
  Endpoint endpoint_;
  // Both live on the thread, from when it listens to when it is told to stop.
  EventLoop* loop_ = nullptr;
  AsyncEvent* stop_ = nullptr;
  std::unique_ptr<WebServer> web_;
  std::thread thread_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_COURSE_SERVER_H_
