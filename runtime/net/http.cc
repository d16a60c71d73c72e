// runtime/net/http.cc

#include "runtime/net/http.h"

#include <strings.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace interleave {
namespace {

// The first words of a text of whatever kind, fit for one line.
std::string Beginning(const std::string& text) {
  constexpr std::size_t kShown = 40;
  std::string shown = text.substr(0, kShown);
  std::replace_if(
      shown.begin(), shown.end(), [](unsigned char c) { return c < ' ' || c > '~'; }, '?');
  return "'" + shown + (text.size() > kShown ? "...'" : "'");
}

}  // namespace

std::optional<std::string> HttpResponse::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0) {
      return value;
    }
  }
  return std::nullopt;
}

nlohmann::ordered_json HttpResponse::Json() const {
  try {
    return nlohmann::ordered_json::parse(body);
  } catch (const nlohmann::json::parse_error&) {
    throw HttpBadJson(url,
                      url + ": the answer, with status " + std::to_string(status) +
                          ", is no JSON: " + (body.empty() ? "it has no body" : Beginning(body)));
  }
}

void HttpResponse::RaiseForStatus() const {
  if (status < 400) return;
  throw HttpStatusError(url, url + ": the server answered with status " + std::to_string(status),
                        status);
}

std::string HttpResponse::Text() const { return "<Response [" + std::to_string(status) + "]>"; }

}  // namespace interleave
