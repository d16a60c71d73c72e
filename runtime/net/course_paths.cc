// runtime/net/course_paths.cc

#include "runtime/net/course_paths.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/async/sleep.h"
#include "runtime/net/course_books.h"
#include "runtime/net/web_answers.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using nlohmann::ordered_json;

constexpr double kLongestDelay = 10;  // seconds, as httpbin.org has it
constexpr auto kSiteLatency = 3s;
constexpr int kSites = 3;

// All of `text`, or nothing.
template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// `rest` is what follows the path in the table.
Task<WebAnswer> Character(const CourseServerOptions& options, WebRequest, std::string rest) {
  const auto id = ParseNumber<int>(rest);
  // A number that is unknown takes its time as well: the server has to look.
  if (id) co_await SleepFor(options.character_latency(*id));
  if (!id || *id < 1 || *id > kCharacters) co_return Refuse(404, "Character not found");
  co_return JsonAnswer(CharacterJson(*id));
}

Task<WebAnswer> Books(const CourseServerOptions&, WebRequest request, std::string) {
  const std::string keys = request.target.Query("bibkeys").value_or("");
  co_await SleepFor(BookLatency(keys));
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

Task<WebAnswer> EchoRequest(const CourseServerOptions&, WebRequest request, std::string) {
  co_return JsonAnswer(Echo(request));
}

Task<WebAnswer> Delay(const CourseServerOptions&, WebRequest request, std::string rest) {
  const auto seconds = ParseNumber<double>(rest);
  if (!seconds || !(*seconds >= 0)) co_return Refuse(400, "a delay is a number of seconds");
  const std::chrono::duration<double> delay(std::min(*seconds, kLongestDelay));
  co_await SleepFor(std::chrono::duration_cast<std::chrono::nanoseconds>(delay));
  co_return JsonAnswer(Echo(request));
}

Task<WebAnswer> Site(const CourseServerOptions&, WebRequest, std::string rest) {
  const auto number = ParseNumber<int>(rest);
  if (!number || *number < 1 || *number > kSites) co_return Refuse(404, "there are 3 sites");
  co_await SleepFor(kSiteLatency);
  co_return HtmlAnswer("<!doctype html><title>Site " + rest + "</title><p>This is site " + rest +
                       ".\n");
}

Task<WebAnswer> Status(const CourseServerOptions&, WebRequest, std::string rest) {
  const auto code = ParseNumber<int>(rest);
  if (!code || *code < 200 || *code > 599) co_return Refuse(400, "a status is from 200 to 599");
  WebAnswer answer = JsonAnswer({{"status", *code}}, *code);
  if (*code == 204 || *code == 304) answer.body.clear();
  co_return answer;
}

Task<WebAnswer> Index(const CourseServerOptions&, WebRequest, std::string);

struct Path {
  std::string_view path;  // one that ends in '/' is followed by something, the others are whole
  std::string_view text;  // for a reader
  std::string_view meaning;
  Task<WebAnswer> (*answer)(const CourseServerOptions&, WebRequest, std::string rest);
};

constexpr Path kPaths[] = {
    {"/api/character/", "/api/character/N", "one of 826, after 0.08 to 0.25 s", Character},
    {"/api/books", "/api/books?bibkeys=ISBN:N&format=json",
     "a book if the check digit is right, after 0.3 to 0.5 s", Books},
    {"/site/", "/site/N", "one of 3 sites, after 3 s", Site},
    {"/delay/", "/delay/SECONDS", "what you sent, after at most 10 s", Delay},
    {"/echo", "/echo", "what you sent, at once", EchoRequest},
    {"/status/", "/status/CODE", "that status", Status},
};

Task<WebAnswer> Index(const CourseServerOptions&, WebRequest, std::string) {
  std::string text = "The course server.\n\n";
  for (const Path& path : kPaths) {
    text += std::string(path.text) + "\n    " + std::string(path.meaning) + "\n";
  }
  co_return WebAnswer{.body = text};
}

}  // namespace

Task<WebAnswer> AnswerCourse(const CourseServerOptions& options, WebRequest request) {
  const std::string& path = request.target.path;
  if (path == "/") return Index(options, std::move(request), "");
  for (const Path& one : kPaths) {
    if (one.path.ends_with('/') ? path.starts_with(one.path) : path == one.path) {
      std::string rest = path.substr(one.path.size());
      return one.answer(options, std::move(request), std::move(rest));
    }
  }
  return [](std::string path) -> Task<WebAnswer> {
    co_return Refuse(404, "there is no " + path + " here; / lists what there is");
  }(path);
}

}  // namespace interleave
