// runtime/net/course_books.h
//
// What the course server knows of books, in the form of openlibrary.org/api/books: of a number
// whose check digit is right it has the book, of any other it has nothing.
//
//   IsValidIsbn("2852559617")             true
//   BookJson("2852559617")                {"bib_key": "ISBN:2852559617", "info_url": ...}
//   BookLatency("2852559617")             300 ms to 500 ms, the same each time
//
// The last of an ISBN's ten digits makes 10 * first + 9 * second + ... + 1 * last a multiple of 11,
// X standing for ten. So of numbers drawn by lot one in eleven is valid, and no single wrong digit
// stays unnoticed.
//
// Threads: functions.

#ifndef INTERLEAVE_RUNTIME_NET_COURSE_BOOKS_H_
#define INTERLEAVE_RUNTIME_NET_COURSE_BOOKS_H_

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace interleave {

bool IsValidIsbn(std::string_view isbn);

// REQUIRES: IsValidIsbn(isbn).
nlohmann::ordered_json BookJson(const std::string& isbn);

// Of any text.
std::chrono::nanoseconds BookLatency(std::string_view isbn);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_COURSE_BOOKS_H_
