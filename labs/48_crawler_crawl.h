// Lab 48, the crawl: from one page to all that it leads to, each once.
#ifndef INTERLEAVE_LABS_48_CRAWLER_CRAWL_H_
#define INTERLEAVE_LABS_48_CRAWLER_CRAWL_H_

#include <set>
#include <string>
#include <vector>

#include "labs/48_crawler_fetch.h"
#include "runtime/async/async_queue.h"
#include "runtime/async/task.h"
#include "runtime/async/task_group.h"
#include "runtime/net/http.h"
#include "runtime/threads/thread_pool.h"

// What became of each page that was found. It adds up at every moment.
struct Account {
  int found = 0;  // that many different pages
  int under_way = 0, kept = 0, failed = 0, left = 0;
  int known = 0, too_deep = 0, outside = 0;  // links that were not followed, for this reason
  std::size_t most_waiting = 0;              // for a parser

  std::string Text() const;
  bool AddsUp() const { return found == under_way + kept + failed + left; }
};

class Crawl {
 public:
  // Other hosts than these are let alone. REQUIRES: a loop runs; account outlives the crawl.
  Crawl(const Limits& limits, interleave::HttpOptions options, std::set<std::string> hosts,
        Account& account);

  // Ends when there is nothing left to do.
  interleave::Task<void> From(std::string url);
  // Nothing new is asked for; what is under way comes to its end.
  void Stop() { fetcher_.Stop(); }

  int in_flight() const { return fetcher_.in_flight(); }

 private:
  void Visit(const std::string& url, int depth);
  interleave::Task<void> FetchPage(Page page);
  interleave::Task<void> ParsePages();
  void Done();

  const Limits limits_;
  const std::set<std::string> hosts_;
  Account& account_;
  std::set<std::string> seen_;
  interleave::AsyncQueue<Page> pages_;  // fetched, and not parsed
  Fetcher fetcher_;
  interleave::ThreadPool parsers_;
  interleave::TaskGroup group_;
};

#endif  // INTERLEAVE_LABS_48_CRAWLER_CRAWL_H_
