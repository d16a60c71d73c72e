// tests/net/stream_fuzz_test.cc
//
// Whatever the bytes are, and however they arrive: a stream reads what a few lines of plain string
// handling would read. Two thousand conversations from two thousand seeds, the same ones each time.

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>

#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/net/stream.h"

namespace interleave {
namespace {

using Random = std::minstd_rand;

std::size_t UpTo(Random& random, std::size_t most) { return random() % (most + 1); }

// Mostly what separators are made of, so that they nearly occur all the time.
std::string Content(Random& random) {
  std::string bytes(UpTo(random, 400), '\0');
  const std::size_t density = 1 + UpTo(random, 12);
  for (char& byte : bytes) {
    byte = UpTo(random, density) == 0 ? "\r\n"[random() % 2] : "ab\0\xff"[random() % 4];
  }
  return bytes;
}

Task<void> SendInChunks(Random& random, Descriptor socket, std::string bytes) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), 1 + UpTo(random, UpTo(random, 40)));
    EXPECT_EQ(send(socket.get(), bytes.data(), size, MSG_NOSIGNAL), static_cast<ssize_t>(size));
    bytes.erase(0, size);
    for (std::size_t i = UpTo(random, 3); i > 0; --i) co_await Yield();
  }
}

// What a read gave: its bytes, or the name of its exception and what came with it.
Task<std::string> ResultOf(Task<std::string> read) {
  try {
    co_return co_await read;
  } catch (const LineTooLong&) {
    co_return "LineTooLong";
  } catch (const IncompleteRead& error) {
    co_return "IncompleteRead " + error.partial();
  }
}

// The same of a string that is all there; takes the bytes out of `rest`.
std::string Take(std::string& rest, std::size_t size) {
  const std::string taken = rest.substr(0, size);
  rest.erase(0, taken.size());
  return taken;
}

std::string PlainUntil(std::string& rest, const std::string& separator, std::size_t limit,
                       bool is_line) {
  const std::size_t end = rest.find(separator);
  // Without one, the last bytes may be its beginning.
  const std::size_t length =
      end != std::string::npos ? end : rest.size() - std::min(rest.size(), separator.size() - 1);
  if (length > limit) return "LineTooLong";
  if (end != std::string::npos) return Take(rest, end + separator.size());
  return (is_line ? "" : "IncompleteRead ") + Take(rest, rest.size());
}

std::string PlainExactly(std::string& rest, std::size_t size) {
  if (size > rest.size()) return "IncompleteRead " + Take(rest, rest.size());
  return Take(rest, size);
}

Task<void> Converse(unsigned seed) {
  Random random(seed + 1);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
  StreamLimits limits;
  limits.line = UpTo(random, 60);
  Stream stream(Descriptor(ends[0]), {"peer", 1}, limits);
  std::string rest = Content(random);
  Random chunks(seed);
  TaskHandle<void> sender = Spawn(SendInChunks(chunks, Descriptor(ends[1]), rest));
  for (int i = 0; !(rest.empty() && stream.at_end()); ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", read " + std::to_string(i));
    switch (UpTo(random, 3)) {
      case 0: {
        const std::string line = co_await ResultOf(stream.ReadLine());
        EXPECT_EQ(line, PlainUntil(rest, "\n", limits.line, true));
        break;
      }
      case 1: {
        const std::string separator = UpTo(random, 1) == 0 ? "\r\n" : "\r\n\r\n";
        const std::string found = co_await ResultOf(stream.ReadUntil(separator));
        EXPECT_EQ(found, PlainUntil(rest, separator, limits.line, false));
        break;
      }
      case 2: {
        const std::size_t size = UpTo(random, 50);
        const std::string bytes =
            co_await ResultOf(stream.ReadExactly(static_cast<std::ptrdiff_t>(size)));
        EXPECT_EQ(bytes, PlainExactly(rest, size));
        break;
      }
      case 3: {  // how much is there is the kernel's business
        const std::size_t most = 1 + UpTo(random, 50);
        const std::string some = co_await stream.ReadSome(most);
        EXPECT_LE(some.size(), most);
        EXPECT_EQ(some.empty(), rest.empty());
        EXPECT_EQ(some, Take(rest, some.size()));
      }
    }
    if (testing::Test::HasFailure()) break;
  }
  co_await sender;
}

TEST(StreamFuzzTest, AStreamReadsWhatAPlainStringWouldGive) {
  auto main = []() -> Task<void> {
    for (unsigned seed = 0; seed < 2000 && !testing::Test::HasFailure(); ++seed) {
      co_await Converse(seed);
    }
  };
  interleave::Run(main());
}

}  // namespace
}  // namespace interleave
