// examples/web_server.cc
//
// A web server on the event loop: pages, and the files of one folder. Its clients do not wait for
// each other, whatever a page waits for, and nothing outside of the folder can be had.
//
// Run it:     bazel run //examples:web_server
//
// For your own browser, http://127.0.0.1:8080/, until Ctrl-C:
//
//             bazel run //examples:web_server -- --real --scenario=serve --folder=$HOME/site
//
// The HTTP is in web_server_connection.cc. What waits for somebody else (a database) is awaited;
// what reads the disk goes to a thread with Offload, for the kernel has no way to wait for a file.
// Lab 32 shows what becomes of the others without it.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/async_event.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/net/endpoint.h"
#include "runtime/net/stream.h"
#include "runtime/net/tcp_server.h"

// In web_server_connection.cc.
interleave::Task<void> Serve(interleave::Stream client, std::string folder,
                             std::chrono::milliseconds disk);

namespace {

using interleave::Endpoint;
using interleave::Gather;
using interleave::Print;
using interleave::Stream;
using interleave::Task;
using interleave::TcpServer;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kLongestHead = 16 * 1024;

struct Settings {
  std::string folder = ".";
  std::uint16_t port = 8080;
} settings;

// ---- The server ----

interleave::TcpServerOptions Options(std::uint16_t port) {
  return {.port = port, .backlog = 1000, .limits = {.line = kLongestHead}};
}

TcpServer::Handler ServeFilesOf(std::string folder, std::chrono::milliseconds disk = 0ms) {
  return [=](Stream client) { return Serve(std::move(client), folder, disk); };
}

Task<std::string> ServeUntilInterrupted() {
  TcpServer server(ServeFilesOf(settings.folder), Options(settings.port));
  Print("http://" + server.endpoint().Text() + "/ shows " +
        std::filesystem::absolute(settings.folder).string() + "; Ctrl-C ends it");
  interleave::AsyncEvent never;
  co_await never.Wait();
  co_return "ended";
}

// ---- Clients ----

// The whole answer, head and body.
Task<std::string> Ask(Endpoint server, std::string request) {
  Stream stream = co_await interleave::OpenConnection(server.host, server.port);
  stream.Write(request);
  stream.WriteEof();  // there will be no second one
  co_return co_await stream.ReadToEnd(1024 * 1024);
}

Task<std::string> Get(Endpoint server, std::string path) {
  return Ask(std::move(server), "GET " + path + " HTTP/1.1\r\nHost: course.test\r\n\r\n");
}

std::string StatusOf(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

// What came, and when.
struct Arrivals {
  steady_clock::time_point began = steady_clock::now();
  std::vector<std::string> lines = {};
  std::size_t answered = 0;
};

Task<void> GetAndNote(Endpoint server, std::string path, Arrivals& arrivals) {
  const std::string answer = co_await Get(std::move(server), path);
  const std::chrono::duration<double> passed = steady_clock::now() - arrivals.began;
  char time[20];
  std::snprintf(time, sizeof time, "%5.2f s  ", passed.count());
  arrivals.lines.push_back(time + path + "  " + StatusOf(answer));
  if (answer.starts_with("HTTP/1.1 200 OK\r\n")) ++arrivals.answered;
}

// Equal lines that follow each other as one.
void PrintAll(const std::vector<std::string>& lines) {
  for (auto at = lines.begin(); at != lines.end();) {
    const auto end = std::find_if(at, lines.end(), [&](const auto& line) { return line != *at; });
    Print(*at + (end - at > 1 ? "  " + std::to_string(end - at) + " times" : ""));
    at = end;
  }
}

// ---- What is shown ----

// A folder for the scenarios; gone at their end.
class Site {
 public:
  Site() {
    std::string path = (std::filesystem::temp_directory_path() / "web_server.XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no folder for the site");
    root_ = path;
    std::filesystem::create_directory(root_ / "site");
    std::ofstream(root_ / "secret.txt") << "not for you\n";
    std::ofstream(root_ / "site" / "cat.txt") << "Meow\n";
    std::filesystem::create_symlink(root_ / "secret.txt", root_ / "site" / "link.txt");
  }
  ~Site() { std::filesystem::remove_all(root_); }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  std::string folder() const { return (root_ / "site").string(); }

 private:
  std::filesystem::path root_;
};

Task<std::string> VisitAtOnce(std::vector<std::string> paths, std::chrono::milliseconds disk) {
  const Site site;
  TcpServer server(ServeFilesOf(site.folder(), disk), Options(0));
  Arrivals arrivals;
  std::vector<Task<void>> clients;
  for (const std::string& path : paths) {
    clients.push_back(GetAndNote(server.endpoint(), path, arrivals));
  }
  co_await Gather(std::move(clients));
  server.Close();
  co_await server.WaitClosed();
  PrintAll(arrivals.lines);
  co_return arrivals.answered == paths.size() ? "all answered" : "answers are missing";
}

Task<std::string> Refuse() {
  const Site site;
  TcpServer server(ServeFilesOf(site.folder()), Options(0));
  const std::string long_head = "GET / HTTP/1.1\r\nX: " + std::string(kLongestHead, 'x');
  std::string secrets;
  for (const auto& [what, request] : std::vector<std::pair<std::string, std::string>>{
           {"a file", "GET /files/cat.txt HTTP/1.0\r\n\r\n"},
           {"its head alone", "HEAD /files/cat.txt HTTP/1.1\r\n\r\n"},
           {"no such file", "GET /files/dog.txt HTTP/1.1\r\n\r\n"},
           {"out of the folder", "GET /files/../secret.txt HTTP/1.1\r\n\r\n"},
           {"the same, escaped", "GET /files/%2e%2e/secret.txt HTTP/1.1\r\n\r\n"},
           {"through a link", "GET /files/link.txt HTTP/1.1\r\n\r\n"},
           {"half an escape", "GET /files/%2 HTTP/1.1\r\n\r\n"},
           {"a body", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"},
           {"another method", "DELETE /files/cat.txt HTTP/1.1\r\n\r\n"},
           {"another version", "GET / HTTP/3\r\n\r\n"},
           {"no HTTP", "hello\r\n\r\n"},
           {"a long head", long_head + "\r\n\r\n"}}) {
    const std::string answer = co_await Ask(server.endpoint(), request);
    Print(what + std::string(20 - what.size(), ' ') + StatusOf(answer));
    if (answer.find("not for you") != answer.npos) secrets += what + " ";
  }
  server.Close();
  co_await server.WaitClosed();
  co_return secrets.empty() ? "no secret is out" : "secrets are out: " + secrets;
}

void ChoosePort(const std::string& text) {
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, settings.port);
  if (error != std::errc() || parsed != end || settings.port == 0) {
    throw std::invalid_argument("'" + text + "' is no port; one is from 1 to 65535");
  }
}

void ChooseFolder(const std::string& text) {
  if (!std::filesystem::is_directory(text)) {
    throw std::invalid_argument("'" + text + "' is no folder that can be read");
  }
  settings.folder = text;
}

}  // namespace

int main(int argc, char** argv) {
  using interleave::Run;
  interleave::Lab lab("web_server", "Web server: pages, and the files of one folder");
  lab.Flag("--folder=DIR", "of --scenario=serve; where you are, unless given", ChooseFolder);
  lab.Flag("--port=N", "of --scenario=serve; 8080 unless given", ChoosePort);
  lab.Scenario("side_by_side",
               [] { return Run(VisitAtOnce(std::vector<std::string>(20, "/slow"), 0ms)); })
      .Says("20 clients at once; each page waits for half a second")
      .Outcome("all answered", "all after half a second.");
  lab.Scenario("reads_a_file",
               [] {
                 return Run(VisitAtOnce({"/files/cat.txt", "/quick"}, 500ms));
               })
      .Says("one wants a file, for which the disk takes half a second; another something quick")
      .Outcome("all answered", "the quick one did not wait for the disk.");
  lab.Scenario("refuses", [] { return Run(Refuse()); })
      .Says("what it is asked, and what it says")
      .Outcome("no secret is out");
  lab.Scenario("serve", [] { return Run(ServeUntilInterrupted()); })
      .OnlyByName()
      .Says("with --real: for your browser, until Ctrl-C")
      .Takes(24h);
  lab.Notice(
      "Whatever waits is awaited, and what cannot be awaited is offloaded: so one thread has time "
      "for everybody.");
  lab.Try("--real --scenario=serve --folder=docs, and a browser.");
  return lab.Main(argc, argv);
}
