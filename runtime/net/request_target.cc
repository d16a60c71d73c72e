// runtime/net/request_target.cc

#include "runtime/net/request_target.h"

namespace interleave {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string Decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        throw BadTarget("'" + std::string(text.substr(i, 3)) +
                        "' is no escape; it is % and two hexadecimal digits");
      }
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (IsControl(c)) throw BadTarget("a URL has no control characters");
    decoded += c;
  }
  return decoded;
}

}  // namespace

std::optional<std::string> RequestTarget::Query(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

RequestTarget ParseTarget(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const std::size_t end_of_host = target.find_first_of("/?", scheme.size());
    target = end_of_host == target.npos ? "/" : target.substr(end_of_host);
    break;
  }
  RequestTarget parsed;
  const std::size_t question = target.find('?');
  parsed.path = Decode(target.substr(0, question), false);
  if (!parsed.path.starts_with('/')) {
    if (!parsed.path.empty()) throw BadTarget("a path begins with /");
    parsed.path = "/";
  }
  if (question == target.npos) return parsed;
  std::string_view rest = target.substr(question + 1);
  while (!rest.empty()) {
    const std::size_t ampersand = rest.find('&');
    const std::string_view pair = rest.substr(0, ampersand);
    rest = ampersand == rest.npos ? "" : rest.substr(ampersand + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    parsed.query.emplace_back(
        Decode(pair.substr(0, equals), true),
        equals == pair.npos ? std::string() : Decode(pair.substr(equals + 1), true));
  }
  return parsed;
}

}  // namespace interleave
