// The catalogue of examples/isbn_finder.cc, and the account of what became of each number.
#include "examples/isbn_finder_search.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "runtime/lab/log.h"
#include "runtime/lab/python_text.h"

Settings settings;

Catalogue::Catalogue(std::int64_t fails_once_after)
    : site_({.books_fail_after = fails_once_after, .books_failures = 1}, true) {}

std::string Catalogue::Url(const std::string& isbn) const {
  return site_.Url("/api/books?bibkeys=ISBN:" + isbn + "&jscmd=viewapi&format=json");
}

std::string Catalogue::ConnectionsText() const {
  if (site_.ours() == nullptr) return "";
  return "; over " + std::to_string(site_.ours()->Counts().connections) + " connections";
}

void Search::Report(int consumer, const nlohmann::ordered_json& book) {
  ++found;
  interleave::Print("Consumer " + std::to_string(consumer) +
                    " found valid ISBN. Current queue size: " + std::to_string(queue.size()) +
                    ". Discovered book: " + interleave::PythonValue(book));
  if (settings.out.empty()) return;
  std::ofstream file(settings.out, std::ios::app);
  file << book.dump() << "\n";
  if (!file.flush()) throw std::runtime_error("cannot write " + settings.out);
}

std::string Search::Tally() const {
  if (drawn != static_cast<int>(queue.size()) + asking + looked_up + failed) {
    throw std::logic_error("numbers are lost: " + std::to_string(drawn) + " were drawn, and " +
                           std::to_string(looked_up) + " are looked up");
  }
  return std::to_string(drawn) + " drawn, " + std::to_string(looked_up) + " looked up, " +
         std::to_string(found) + " of them found; " +
         (failed == 0 ? "" : std::to_string(failed) + " failed, ") + std::to_string(asking) +
         " being asked for, " + std::to_string(queue.size()) + " in the queue";
}

std::string RandomIsbn(std::mt19937& random) {
  std::string isbn;
  for (int i = 0; i < 10; ++i) isbn += static_cast<char>('0' + random() % 10);
  return isbn;
}
