// Lab 48, one page from the network: limits, a time-out, and more attempts.
#ifndef INTERLEAVE_LABS_48_CRAWLER_FETCH_H_
#define INTERLEAVE_LABS_48_CRAWLER_FETCH_H_

#include <chrono>
#include <map>
#include <random>
#include <string>

#include "runtime/async/async_queue.h"
#include "runtime/async/async_semaphore.h"
#include "runtime/async/task.h"
#include "runtime/net/http_session.h"

struct Limits {
  int requests = 4;                       // at a time
  int per_host = 3;                       // of them
  int depth = 4;                          // links between the first page and the last
  std::chrono::milliseconds parsing{20};  // what a page costs
};

struct Page {
  std::string url;
  int depth = 0;
  std::string body = {};
};

enum class Fate { kFetched, kFailed, kLeft };

class Fetcher {
 public:
  // A page that has come goes into `pages`. REQUIRES: a loop runs; pages outlives it.
  Fetcher(const Limits& limits, interleave::HttpOptions options,
          interleave::AsyncQueue<Page>& pages);

  // Left is a page that was not asked for, or not once more, because Stop was called.
  interleave::Task<Fate> Fetch(Page page);
  void Stop() { stopping_ = true; }

  int in_flight() const { return static_cast<int>(session_.in_flight()); }

 private:
  struct Attempt {
    Fate fate = Fate::kFailed;
    std::string failure = {};
    bool may_pass = false;  // it is worth another attempt
  };

  interleave::Task<Attempt> FetchOnce(const Page& page);
  interleave::Task<Attempt> Ask(const Page& page);
  std::chrono::milliseconds BackOff(int attempt);

  const Limits limits_;
  interleave::HttpSession session_;
  interleave::AsyncQueue<Page>& pages_;
  interleave::AsyncSemaphore total_;
  std::map<std::string, interleave::AsyncSemaphore> hosts_;
  std::mt19937 random_{48};
  bool stopping_ = false;
};

#endif  // INTERLEAVE_LABS_48_CRAWLER_FETCH_H_
