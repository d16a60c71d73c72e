// runtime/net/web_answers.h
//
// The answers that every site gives: JSON, a page, a refusal.
//
//   co_return JsonAnswer({{"id", 3}});
//   co_return Refuse(404, "Character not found");    // {"error": "Character not found"}
//
// Threads: functions.

#ifndef INTERLEAVE_RUNTIME_NET_WEB_ANSWERS_H_
#define INTERLEAVE_RUNTIME_NET_WEB_ANSWERS_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "runtime/net/web_server.h"

namespace interleave {

// On one line. What is no UTF-8 in it becomes U+FFFD.
WebAnswer JsonAnswer(const nlohmann::ordered_json& json, int status = 200);
// {"error": why}
WebAnswer Refuse(int status, std::string_view why);
WebAnswer HtmlAnswer(std::string page, int status = 200);
WebAnswer Redirect(std::string where);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_WEB_ANSWERS_H_
