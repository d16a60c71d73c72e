// HTTP/1.0 and 1.1 by hand, as much of it as a server of pages and files needs: the part of
// examples/web_server.cc that speaks with one client.
//
// A request is a few lines of text, and so is an answer's head:
//
//   GET /files/cat.txt HTTP/1.1          HTTP/1.1 200 OK
//   Host: course.test                    Content-Length: 5
//   (an empty line)                      (an empty line)
//                                        Meow
//
// With HTTP/1.1 the next request may follow on the same connection, as long as both sides know
// where the last one ended. That is all that is difficult here: whoever is not sure of it has to
// close, and requests with a body are not read at all.
#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "runtime/async/offload.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/async/timeout.h"
#include "runtime/net/body_stream.h"
#include "runtime/net/folder_file.h"
#include "runtime/net/request_target.h"
#include "runtime/net/stream.h"

namespace {

using interleave::BodyPiece;
using interleave::BodyStream;
using interleave::Offload;
using interleave::Stream;
using interleave::Task;
using namespace std::chrono_literals;

constexpr auto kPatience = 30s;  // for a request to arrive

struct Request {
  std::string path = {};
  bool head_only = false;  // HEAD
  bool keep_open = false;  // the client may ask again
};

struct Answer {
  std::string status = "200 OK";
  std::string type = "text/plain; charset=utf-8";
  std::string headers = {};  // further ones, each with its \r\n
  std::string body = {};
  std::unique_ptr<BodyStream> file = {};  // instead of `body`
};

// The request cannot be understood, or is not for us; afterwards the connection is closed.
struct Refused {
  Answer answer;
};

Answer Text(std::string status, std::string body) {
  return {.status = std::move(status), .body = std::move(body) + "\n"};
}

// ---- What was asked ----

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// Cuts off and returns what stands before `separator`, or all.
std::string_view Before(std::string_view& text, std::string_view separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view before = text.substr(0, end);
  text.remove_prefix(std::min(end + separator.size(), text.size()));
  return before;
}

Request Parse(std::string_view head) {
  std::string_view line = Before(head, "\r\n");
  const std::string_view method = Before(line, " ");
  const std::string_view target = Before(line, " ");
  const std::string_view version = line;
  if (!version.starts_with("HTTP/")) throw Refused{Text("400 Bad Request", "this is not HTTP")};
  if (version != "HTTP/1.0" && version != "HTTP/1.1") {
    throw Refused{Text("505 HTTP Version Not Supported", "HTTP/1.0 and HTTP/1.1, please")};
  }
  Request request{.head_only = method == "HEAD", .keep_open = version == "HTTP/1.1"};
  while (!head.empty() && !head.starts_with("\r\n")) {
    std::string_view header = Before(head, "\r\n");
    const std::string name = Lower(Before(header, ":"));
    const std::string value = Lower(header);
    if (name == "connection" && value.find("close") != value.npos) request.keep_open = false;
    if (name == "transfer-encoding" || (name == "content-length" && value != " 0")) {
      throw Refused{Text("413 Content Too Large", "a request with a body is not read here")};
    }
  }
  if (method != "GET" && method != "HEAD") {
    Answer answer = Text("405 Method Not Allowed", "GET and HEAD, please");
    answer.headers = "Allow: GET, HEAD\r\n";
    throw Refused{std::move(answer)};
  }
  try {
    request.path = interleave::ParseTarget(target).path;
  } catch (const interleave::BadTarget& bad) {
    throw Refused{Text("400 Bad Request", bad.what())};
  }
  return request;
}

// ---- What is answered ----

std::string TypeOf(std::string_view name) {
  const std::string ending = Lower(name.substr(std::min(name.rfind('.'), name.size())));
  if (ending == ".html") return "text/html; charset=utf-8";
  if (ending == ".css") return "text/css; charset=utf-8";
  if (ending == ".txt" || ending == ".md") return "text/plain; charset=utf-8";
  if (ending == ".svg") return "image/svg+xml";
  if (ending == ".png") return "image/png";
  if (ending == ".jpg") return "image/jpeg";
  return "application/octet-stream";
}

Task<Answer> AnswerTo(const Request& request, const std::string& folder,
                      std::chrono::milliseconds disk) {
  constexpr std::string_view kFiles = "/files/";
  if (request.path == "/") co_return Text("200 OK", "/quick, /slow, and /files/NAME");
  if (request.path == "/quick") co_return Text("200 OK", "quick");
  if (request.path == "/slow") {
    co_await interleave::SleepFor(500ms);  // as for a database
    co_return Text("200 OK", "slow");
  }
  if (request.path.starts_with(kFiles)) {
    const std::string name = request.path.substr(kFiles.size());
    auto open = [&folder, &name, disk] {
      std::this_thread::sleep_for(disk);
      return interleave::OpenInFolder(folder, name);
    };
    std::unique_ptr<BodyStream> file = co_await Offload(open);
    if (file != nullptr) co_return Answer{.type = TypeOf(name), .file = std::move(file)};
  }
  co_return Text("404 Not Found", "there is no such page");
}

// A piece at a time: a file may be larger than the memory, and the client slower than the disk.
Task<void> SendFile(Stream& client, BodyStream& file) {
  std::array<char, 64 * 1024> room;
  auto read = [&] { return file.Next(room.data(), room.size()); };
  for (;;) {
    const BodyPiece piece = co_await Offload(read);
    if (piece.kind == BodyPiece::kEnd) co_return;
    if (piece.kind != BodyPiece::kBytes) co_return client.Abort();  // it has shrunk meanwhile
    client.Write({room.data(), piece.bytes});
    co_await client.Drain();
  }
}

Task<void> Send(Stream& client, Answer answer, const Request& request) {
  const std::uint64_t size = answer.file != nullptr ? *answer.file->size() : answer.body.size();
  client.Write("HTTP/1.1 " + answer.status + "\r\nContent-Type: " + answer.type +
               "\r\nContent-Length: " + std::to_string(size) + "\r\n" + answer.headers +
               (request.keep_open ? "" : "Connection: close\r\n") +
               "X-Content-Type-Options: nosniff\r\n\r\n");
  if (!request.head_only) {
    client.Write(answer.body);
    if (answer.file != nullptr) co_await SendFile(client, *answer.file);
  }
  co_await client.Drain();
}

// Who is closed while it still sends gets a reset, and may never see the answer. So what it has to
// say is heard out, a little, and thrown away.
Task<void> HearOut(Stream& client) {
  client.WriteEof();
  for (int pieces = 0; pieces < 16; ++pieces) {
    if ((co_await interleave::WaitFor(client.ReadSome(), 1s)).empty()) co_return;
  }
}

Task<void> Converse(Stream& client, const std::string& folder, std::chrono::milliseconds disk) {
  Request request{.keep_open = true};
  while (request.keep_open) {
    Answer answer;
    try {
      request = Parse(co_await interleave::WaitFor(client.ReadUntil("\r\n\r\n"), kPatience));
      answer = co_await AnswerTo(request, folder, disk);
    } catch (Refused& refused) {
      request = {};
      answer = std::move(refused.answer);
    } catch (const interleave::LineTooLong&) {
      request = {};
      answer = Text("431 Request Header Fields Too Large", "so much is not read here");
    }
    co_await Send(client, std::move(answer), request);
  }
  co_await HearOut(client);
}

}  // namespace

// Answers requests until the client has no more. Each look at the disk takes `disk` longer.
Task<void> Serve(Stream client, std::string folder, std::chrono::milliseconds disk) {
  try {
    co_await Converse(client, folder, disk);
  } catch (const interleave::IncompleteRead&) {   // has gone between two requests, or in one
  } catch (const interleave::ConnectionError&) {  // has gone before it had the answer
  } catch (const interleave::TimedOut&) {         // has nothing more to ask
  }
}
