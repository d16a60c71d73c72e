// examples/isbn_finder_search.h: what a search for books knows, whichever way it is run.
#ifndef INTERLEAVE_EXAMPLES_ISBN_FINDER_SEARCH_H_
#define INTERLEAVE_EXAMPLES_ISBN_FINDER_SEARCH_H_

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <random>
#include <string>

#include "examples/site.h"
#include "runtime/async/async_queue.h"
#include "runtime/net/http.h"

// What the flags say.
struct Settings {
  int consumers = 8;
  std::chrono::seconds seconds{20};
  std::string out = "";  // a file for the books; empty: none
};
extern Settings settings;

// Who is asked for books.
class Catalogue {
 public:
  Catalogue() = default;
  // Always a server of our own, which answers so many questions, and one with a failure, and then
  // is well again.
  explicit Catalogue(std::int64_t fails_once_after);

  std::string Url(const std::string& isbn) const;
  interleave::HttpOptions Options() const { return site_.Options(); }
  // "; over 8 connections"; empty if the server is not ours.
  std::string ConnectionsText() const;

 private:
  Site site_;
};

// Each number that was drawn is in one place: it waits in the queue, or a consumer asks for it, or
// it is looked up, or its request failed. Outlives the loop, for what Run cancels still holds it.
struct Search {
  Catalogue catalogue{};
  interleave::AsyncQueue<std::string> queue{};
  std::mt19937 random{2023};
  int drawn = 0, asking = 0, looked_up = 0, found = 0, failed = 0;
  bool user_pressed = false;  // Ctrl-C was part of the scenario

  // The article's line of what it found; --out gets the book as well, at once, so that it is kept
  // however the program ends. Throws std::runtime_error if it cannot be written.
  void Report(int consumer, const nlohmann::ordered_json& book);

  // "148 drawn, 131 looked up, 14 of them found; ..." Throws std::logic_error if one is lost.
  std::string Tally() const;
};

// Ten digits.
std::string RandomIsbn(std::mt19937& random);

#endif  // INTERLEAVE_EXAMPLES_ISBN_FINDER_SEARCH_H_
