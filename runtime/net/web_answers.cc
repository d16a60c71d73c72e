// runtime/net/web_answers.cc

#include "runtime/net/web_answers.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace interleave {

WebAnswer JsonAnswer(const nlohmann::ordered_json& json, int status) {
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  return {.status = status,
          .content_type = "application/json",
          .body = json.dump(-1, ' ', false, kReplace) + "\n"};
}

WebAnswer Refuse(int status, std::string_view why) { return JsonAnswer({{"error", why}}, status); }

WebAnswer HtmlAnswer(std::string page, int status) {
  return {.status = status, .content_type = "text/html; charset=utf-8", .body = std::move(page)};
}

WebAnswer Redirect(std::string where) {
  return {.status = 302, .headers = {{"Location", std::move(where)}}};
}

}  // namespace interleave
