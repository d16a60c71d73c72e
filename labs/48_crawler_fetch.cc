// Lab 48, fetching.
//
// A request takes a place of its host's and then one of all: whoever waits for a busy host keeps no
// place from others. It gives both back when its page is in the queue, so that nobody asks for more
// while the queue is full. Whoever waits for another attempt has no place meanwhile.
#include "labs/48_crawler_fetch.h"

#include <utility>

#include "labs/48_crawler_links.h"
#include "runtime/async/sleep.h"
#include "runtime/lab/elapsed.h"

using interleave::AsyncSemaphore;
using interleave::HttpError;
using interleave::Say;
using interleave::Task;
using namespace std::chrono_literals;

namespace {

constexpr auto kTimeout = 1s;
constexpr int kAttempts = 3;
constexpr int kRedirects = 5;
constexpr std::uint64_t kMaxBody = 100'000;

// A place that was taken is given back at the end of the block, whatever ends it.
struct PlaceTaken {
  AsyncSemaphore& places;
  ~PlaceTaken() { places.Release(); }
};

}  // namespace

Fetcher::Fetcher(const Limits& limits, interleave::HttpOptions options,
                 interleave::AsyncQueue<Page>& pages)
    : limits_(limits), session_(std::move(options)), pages_(pages), total_(limits.requests) {}

Task<Fate> Fetcher::Fetch(Page page) {
  for (int number = 1;; ++number) {
    const Attempt attempt = co_await FetchOnce(page);
    if (attempt.fate != Fate::kFailed) co_return attempt.fate;
    const std::string what = ShortUrl(page.url) + ": " + attempt.failure;
    if (!attempt.may_pass || number == kAttempts) {
      Say("failed   " + what);
      co_return Fate::kFailed;
    }
    if (stopping_) co_return Fate::kLeft;
    const std::chrono::milliseconds pause = BackOff(number);
    Say("waits    " + what + "; again in " + std::to_string(pause.count()) + " ms");
    co_await interleave::SleepFor(pause);
  }
}

Task<Fetcher::Attempt> Fetcher::FetchOnce(const Page& page) {
  AsyncSemaphore& host = hosts_.try_emplace(HostOf(page.url), limits_.per_host).first->second;
  co_await host.Acquire();
  const PlaceTaken of_host{host};
  co_await total_.Acquire();
  const PlaceTaken of_all{total_};
  if (stopping_) co_return Attempt{.fate = Fate::kLeft};
  co_return co_await Ask(page);
}

Task<Fetcher::Attempt> Fetcher::Ask(const Page& page) {
  interleave::HttpRequest request{
      .url = page.url, .timeout = kTimeout, .max_redirects = kRedirects, .max_body = kMaxBody};
  interleave::HttpResponse response;
  try {
    response = co_await session_.Request(std::move(request));
  } catch (const interleave::HttpTimedOut&) {
    co_return Attempt{.failure = "no answer in time", .may_pass = true};
  } catch (const interleave::HttpConnectionLost&) {
    co_return Attempt{.failure = "the connection was lost", .may_pass = true};
  } catch (const interleave::HttpConnectError&) {
    co_return Attempt{.failure = "cannot connect", .may_pass = true};
  } catch (const interleave::HttpTooManyRedirects&) {
    co_return Attempt{.failure = "too many redirects"};
  } catch (const interleave::HttpTooLarge&) {
    co_return Attempt{.failure = "too large"};
  } catch (const HttpError& error) {
    co_return Attempt{.failure = error.what()};
  }
  if (!response.ok()) {
    co_return Attempt{.failure = "status " + std::to_string(response.status),
                      .may_pass = response.status >= 500};
  }
  Page fetched{page.url, page.depth, std::move(response.body)};
  co_await pages_.Put(std::move(fetched));
  co_return Attempt{.fate = Fate::kFetched};
}

// Twice as long each time, and not the same for everybody: who failed together does not come back
// together. Between half of it and all of it and a half.
std::chrono::milliseconds Fetcher::BackOff(int attempt) {
  const int middle = 100 << attempt;
  return std::chrono::milliseconds(middle / 2 + static_cast<int>(random_() % middle));
}
