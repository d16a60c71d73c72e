// runtime/net/course_paths.cc

#include "runtime/net/course_paths.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/async/sleep.h"
#include "runtime/net/course_books.h"
#include "runtime/net/course_failures.h"
#include "runtime/net/course_files.h"
#include "runtime/net/course_town.h"
#include "runtime/net/folder_file.h"
#include "runtime/net/numbers.h"
#include "runtime/net/web_answers.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using nlohmann::ordered_json;

constexpr double kLongestDelay = 10;  // seconds, as httpbin.org has it
constexpr auto kSiteLatency = 3s;
constexpr int kSites = 3;

// `rest` is what follows the path in the table.
Task<WebAnswer> Character(CourseSite& site, WebRequest, std::string rest) {
  const auto id = ParseNumber<int>(rest);
  // A number that is unknown takes its time as well: the server has to look.
  if (id) co_await SleepFor(site.options.character_latency(*id));
  if (!id || *id < 1 || *id > kCharacters) co_return Refuse(404, "Character not found");
  co_return JsonAnswer(CharacterJson(*id));
}

Task<WebAnswer> Books(CourseSite& site, WebRequest request, std::string) {
  const std::string keys = request.target.Query("bibkeys").value_or("");
  const std::int64_t failure = site.books_asked++ - site.options.books_fail_after;  // 0: the first
  const bool fails =
      site.options.books_fail_after >= 0 && 0 <= failure && failure < site.options.books_failures;
  co_await SleepFor(BookLatency(keys));
  if (fails) co_return NoJsonAnswer();
  ordered_json found = ordered_json::object();
  for (std::string_view rest = keys; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    std::string_view key = rest.substr(0, comma);
    rest = comma == rest.npos ? "" : rest.substr(comma + 1);
    if (!key.starts_with("ISBN:")) continue;
    const std::string isbn(key.substr(5));
    if (IsValidIsbn(isbn)) found["ISBN:" + isbn] = BookJson(isbn);
  }
  if (request.target.Query("format") == "json") co_return JsonAnswer(found);
  co_return WebAnswer{.content_type = "text/javascript",
                      .body = "var _OLBookInfo = " + found.dump() + ";\n"};
}

// What was asked, in the form of httpbin.org.
ordered_json Echo(const WebRequest& request) {
  ordered_json args = ordered_json::object(), headers = ordered_json::object();
  for (const auto& [name, value] : request.target.query) args[name] = value;
  for (const auto& [name, value] : request.headers) headers[name] = value;
  return {{"method", request.method},
          {"args", args},
          {"data", request.body},
          {"headers", headers},
          {"url", "http://" + request.Header("Host") + request.target.path}};
}

Task<WebAnswer> EchoRequest(CourseSite&, WebRequest request, std::string) {
  co_return JsonAnswer(Echo(request));
}

Task<WebAnswer> Delay(CourseSite&, WebRequest request, std::string rest) {
  const auto seconds = ParseNumber<double>(rest);
  if (!seconds || !(*seconds >= 0)) co_return Refuse(400, "a delay is a number of seconds");
  const std::chrono::duration<double> delay(std::min(*seconds, kLongestDelay));
  co_await SleepFor(std::chrono::duration_cast<std::chrono::nanoseconds>(delay));
  co_return JsonAnswer(Echo(request));
}

Task<WebAnswer> Site(CourseSite&, WebRequest, std::string rest) {
  const auto number = ParseNumber<int>(rest);
  if (!number || *number < 1 || *number > kSites) co_return Refuse(404, "there are 3 sites");
  co_await SleepFor(kSiteLatency);
  co_return HtmlAnswer("<!doctype html><title>Site " + rest + "</title><p>This is site " + rest +
                       ".\n");
}

Task<WebAnswer> Town(CourseSite& site, WebRequest, std::string rest) {
  const bool refuses = rest == "bakery" && site.bakery_asked++ % 3 < 2;
  co_await SleepFor(TownLatency(rest));
  if (refuses) co_return Refuse(503, "the oven is cold");
  std::optional<std::string> page = TownPage(rest);
  if (!page) co_return Refuse(404, "there is no such place in town");
  co_return HtmlAnswer(std::move(*page));
}

Task<WebAnswer> Status(CourseSite&, WebRequest, std::string rest) {
  const auto code = ParseNumber<int>(rest);
  if (!code || *code < 200 || *code > 599) co_return Refuse(400, "a status is from 200 to 599");
  WebAnswer answer = JsonAnswer({{"status", *code}}, *code);
  if (*code == 204 || *code == 304) answer.body.clear();
  co_return answer;
}

Task<WebAnswer> Redirects(CourseSite&, WebRequest, std::string rest) {
  const auto left = ParseNumber<int>(rest);
  if (!left || *left < 1) co_return Refuse(400, "a number of redirects is 1 or more");
  co_return Redirect(*left == 1 ? "/echo" : "/redirect/" + std::to_string(*left - 1));
}

Task<WebAnswer> File(CourseSite&, WebRequest request, std::string rest) {
  const auto number = [&](const char* name, std::uint64_t otherwise) {
    const auto text = request.target.Query(name);
    return text ? ParseNumber<std::uint64_t>(*text) : otherwise;
  };
  const auto size = number("size", kDefaultFileSize), rate = number("rate", 0);
  if (!size || *size > kLargestFile) {
    co_return Refuse(400, "size= is a number of bytes up to " + std::to_string(kLargestFile));
  }
  if (!rate || *rate > kHighestRate) {
    co_return Refuse(400, "rate= is bytes per second up to " + std::to_string(kHighestRate));
  }
  co_return WebAnswer{.content_type = "application/octet-stream",
                      .stream = std::make_unique<CourseFile>(rest, *size, *rate)};
}

Task<WebAnswer> Folder(CourseSite& site, WebRequest, std::string rest) {
  std::unique_ptr<BodyStream> file;
  if (!site.options.folder.empty()) file = OpenInFolder(site.options.folder, rest);
  if (file == nullptr) co_return Refuse(404, "there is no such file");
  co_return WebAnswer{.content_type = "application/octet-stream", .stream = std::move(file)};
}

Task<WebAnswer> Broken(CourseSite&, WebRequest request, std::string rest) {
  return Disappoint(std::move(rest), std::move(request));
}

struct Path {
  std::string_view path;  // one that ends in '/' is followed by something, the others are whole
  std::string_view text;  // for a reader
  std::string_view meaning;
  Task<WebAnswer> (*answer)(CourseSite&, WebRequest, std::string rest);
  bool any_method = false;  // not only GET and HEAD
};

const Path kPaths[] = {
    {"/api/character/", "/api/character/N", "one of 826, after 0.08 to 0.25 s", Character},
    {"/api/books", "/api/books?bibkeys=ISBN:N&format=json",
     "a book if the check digit is right, after 0.3 to 0.5 s", Books},
    {"/site/", "/site/N", "one of 3 sites, after 3 s", Site},
    {"/town/", "/town/", "pages with links, each after 0.1 to 0.3 s", Town},
    {"/delay/", "/delay/SECONDS", "what you sent, after at most 10 s", Delay, true},
    {"/echo", "/echo", "what you sent, at once", EchoRequest, true},
    {"/files/", "/files/NAME?size=BYTES&rate=BYTES_PER_SECOND",
     "1 MB unless you say how much, at once unless you say how fast; its content follows from its "
     "name",
     File},
    {"/folder/", "/folder/NAME", "a file of the folder that the server was given", Folder},
    {"/status/", "/status/CODE", "that status, from 200 to 599", Status},
    {"/redirect/", "/redirect/N", "N redirects, then /echo", Redirects},
    {"/broken/", "/broken/HOW?after=BYTES",
     "reset, short, stall, silent, json, loop or drip: what a server can do to you", Broken},
};

WebAnswer Index() {
  std::string text = "The course server.\n\n";
  for (const Path& path : kPaths) {
    text += std::string(path.text) + "\n    " + std::string(path.meaning) + "\n";
  }
  return {.body = text};
}

WebAnswer NotAllowed() {
  WebAnswer answer = Refuse(405, "only GET and HEAD are answered here");
  answer.headers = {{"Allow", "GET, HEAD"}};
  return answer;
}

}  // namespace

Task<WebAnswer> Answer(CourseSite& site, WebRequest request) {
  const std::string path = request.target.path;
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  for (const Path& one : kPaths) {
    if (one.path.ends_with('/') ? !path.starts_with(one.path) : path != one.path) continue;
    if (!is_get && !one.any_method) co_return NotAllowed();
    co_return co_await one.answer(site, std::move(request), path.substr(one.path.size()));
  }
  if (path != "/") co_return Refuse(404, "there is no " + path + " here; / lists what there is");
  co_return is_get ? Index() : NotAllowed();
}

}  // namespace interleave
