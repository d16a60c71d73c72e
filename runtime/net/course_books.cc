// runtime/net/course_books.cc

#include "runtime/net/course_books.h"

#include <nlohmann/json.hpp>

#include "runtime/net/scatter.h"

namespace interleave {

bool IsValidIsbn(std::string_view isbn) {
  if (isbn.size() != 10) return false;
  int sum = 0;
  for (int i = 0; i < 10; ++i) {
    const char c = isbn[static_cast<std::size_t>(i)];
    if (c >= '0' && c <= '9') {
      sum += (10 - i) * (c - '0');
    } else if (i == 9 && (c == 'X' || c == 'x')) {
      sum += 10;
    } else {
      return false;
    }
  }
  return sum % 11 == 0;
}

nlohmann::ordered_json BookJson(const std::string& isbn) {
  const std::string book = "/books/OL" + std::to_string(Scatter(isbn) % 90'000'000 + 1) + "M";
  return {{"bib_key", "ISBN:" + isbn},
          {"info_url", "http://course.test" + book},
          {"preview", Scatter(isbn) % 3 == 0 ? "borrow" : "noview"},
          {"preview_url", "http://course.test" + book},
          {"thumbnail_url", "http://course.test/covers/" + isbn + "-S.jpg"}};
}

std::chrono::nanoseconds BookLatency(std::string_view isbn) {
  return std::chrono::milliseconds(300 + Scatter(isbn) % 201);
}

}  // namespace interleave
