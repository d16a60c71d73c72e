// Lab 48, crawling: a task for each page that is fetched, two that have pages parsed, one group.
#include "labs/48_crawler_crawl.h"

#include <algorithm>
#include <utility>

#include "labs/48_crawler_links.h"
#include "runtime/async/offload.h"
#include "runtime/lab/elapsed.h"
#include "runtime/threads/queue_errors.h"

using interleave::Say;
using interleave::Task;

namespace {

constexpr int kParsers = 2;
constexpr int kWaitingPages = 4;

std::string Count(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace

std::string Account::Text() const {
  return Count(found, "page") + " found: " + std::to_string(kept) + " kept, " +
         std::to_string(failed) + " failed, " + std::to_string(left) + " left" +
         (under_way == 0 ? "" : ", " + std::to_string(under_way) + " broken off") +
         "; links not followed: " + std::to_string(known) + " known, " + std::to_string(too_deep) +
         " too deep, " + std::to_string(outside) + " outside";
}

Crawl::Crawl(const Limits& limits, interleave::HttpOptions options, std::set<std::string> hosts,
             Account& account)
    : limits_(limits),
      hosts_(std::move(hosts)),
      account_(account),
      pages_(kWaitingPages),
      fetcher_(limits, std::move(options), pages_),
      parsers_(kParsers, "parser") {}

Task<void> Crawl::From(std::string url) {
  co_await group_.Run([&]() -> Task<void> {
    Visit(url, 0);
    for (int i = 0; i < kParsers; ++i) group_.Spawn(ParsePages(), "parsing-" + std::to_string(i));
    co_return;
  });
}

void Crawl::Visit(const std::string& url, int depth) {
  if (!hosts_.contains(HostOf(url))) {
    ++account_.outside;
  } else if (seen_.contains(url)) {
    ++account_.known;
  } else if (depth > limits_.depth) {
    ++account_.too_deep;
  } else {
    seen_.insert(url);
    ++account_.found, ++account_.under_way;
    group_.Spawn(FetchPage({url, depth}), ShortUrl(url));
  }
}

Task<void> Crawl::FetchPage(Page page) {
  const Fate fate = co_await fetcher_.Fetch(std::move(page));
  account_.most_waiting = std::max(account_.most_waiting, pages_.size());
  if (fate == Fate::kFetched) co_return;  // whoever parses it goes on with it
  ++(fate == Fate::kFailed ? account_.failed : account_.left);
  Done();
}

Task<void> Crawl::ParsePages() {
  try {
    for (;;) {
      const Page page = co_await pages_.Get();
      const std::vector<std::string> links =
          co_await interleave::Offload(parsers_, LinksOf, page.url, page.body, limits_.parsing);
      Say("kept     " + ShortUrl(page.url) + ", " + Count(links.size(), "link"));
      for (const std::string& link : links) Visit(link, page.depth + 1);
      ++account_.kept;
      Done();
    }
  } catch (const interleave::Closed&) {  // no page will come any more
  }
}

void Crawl::Done() {
  if (--account_.under_way == 0) pages_.Shutdown();
}
