// tests/net/stream_test.cc
//
// The stream's rules, each on a socketpair: one end is a Stream, the other a plain descriptor that
// the test writes to and reads from.

#include "runtime/net/stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/timeout.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// The other end.
class Peer {
 public:
  explicit Peer(const StreamLimits& limits = {}) : stream_(Connect(limits)) {}

  void Send(std::string_view bytes) {
    EXPECT_EQ(send(end_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void SendEnd() { shutdown(end_.get(), SHUT_WR); }
  void Close() { end_.Close(); }
  // What has arrived by now.
  std::string Receive() {
    std::string all;
    std::array<char, 4096> chunk;
    ssize_t size;
    while ((size = recv(end_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT)) > 0) {
      all.append(chunk.data(), static_cast<std::size_t>(size));
    }
    ended_ = size == 0;
    return all;
  }
  bool ended() const { return ended_; }
  Stream& stream() { return stream_; }

 private:
  Stream Connect(const StreamLimits& limits) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
    end_ = Descriptor(ends[1]);
    return Stream(Descriptor(ends[0]), {"peer", 1}, limits);
  }
  Descriptor end_;
  bool ended_ = false;
  Stream stream_;
};

// Lets everybody who is ready run, so that a task that is going to wait does wait.
Task<void> LetOthersRun() {
  for (int i = 0; i < 10; ++i) co_await Yield();
}

// What the Error says that awaiting ends with; empty if it ends with none.
template <typename Error, typename Awaited>
Task<std::string> ErrorOf(Awaited awaited) {
  try {
    co_await awaited;
  } catch (const Error& error) {
    co_return error.what();
  }
  co_return "";
}

TEST(StreamTest, ReadLineGivesALineWithItsEnd) {  // N01
  auto main = []() -> Task<void> {
    Peer peer;
    peer.Send("one\ntwo\n\nth");
    EXPECT_EQ(co_await peer.stream().ReadLine(), "one\n");
    EXPECT_EQ(co_await peer.stream().ReadLine(), "two\n");
    EXPECT_EQ(co_await peer.stream().ReadLine(), "\n");
    TaskHandle<std::string> third = Spawn(peer.stream().ReadLine());
    co_await LetOthersRun();
    EXPECT_FALSE(third.done());
    peer.Send("ree\nfour");
    EXPECT_EQ(co_await third, "three\n");
  };
  interleave::Run(main());
}

TEST(StreamTest, ReadLineGivesTheRestAtTheEndAndThenNothing) {  // N01
  auto main = []() -> Task<void> {
    Peer peer;
    peer.Send("one\nrest");
    peer.SendEnd();
    EXPECT_EQ(co_await peer.stream().ReadLine(), "one\n");
    EXPECT_FALSE(peer.stream().at_end());
    EXPECT_EQ(co_await peer.stream().ReadLine(), "rest");
    EXPECT_EQ(co_await peer.stream().ReadLine(), "");
    EXPECT_EQ(co_await peer.stream().ReadLine(), "");
    EXPECT_TRUE(peer.stream().at_end());
  };
  interleave::Run(main());
}

TEST(StreamTest, ReadExactlyGivesSoManyOverAnyChunks) {  // N04
  auto main = []() -> Task<void> {
    Peer peer;
    TaskHandle<std::string> read = Spawn(peer.stream().ReadExactly(10));
    for (const char* chunk : {"a", "bcd", "ef", "ghijkl"}) {
      co_await LetOthersRun();
      EXPECT_FALSE(read.done());
      peer.Send(chunk);
    }
    EXPECT_EQ(co_await read, "abcdefghij");
    EXPECT_EQ(co_await peer.stream().ReadExactly(2), "kl");
    EXPECT_EQ(co_await peer.stream().ReadExactly(0), "");
  };
  interleave::Run(main());
}

TEST(StreamTest, ReadExactlyKnowsNoLimit) {  // N04
  auto main = []() -> Task<void> {
    Peer peer({.line = 3, .high_water = 3});
    peer.Send("0123456789");
    EXPECT_EQ(co_await peer.stream().ReadExactly(10), "0123456789");
  };
  interleave::Run(main());
}

TEST(StreamTest, ReadExactlyAtTheEndSaysHowMuchWasRead) {  // N04
  auto main = []() -> Task<void> {
    Peer peer;
    peer.Send("eighteen bytes are");
    peer.SendEnd();
    try {
      co_await peer.stream().ReadExactly(36);
      ADD_FAILURE() << "36 bytes of 18";
    } catch (const IncompleteRead& error) {
      EXPECT_STREQ(error.what(),
                   "peer:1 ended the stream: 18 bytes read on a total of 36 expected bytes");
      EXPECT_EQ(error.partial(), "eighteen bytes are");
    }
  };
  interleave::Run(main());
}

TEST(StreamTest, ReadExactlyOfLessThanNothingIsRefused) {  // N04
  auto main = []() -> Task<void> {
    Peer peer;
    EXPECT_EQ(co_await ErrorOf<std::invalid_argument>(peer.stream().ReadExactly(-1)),
              "Stream::ReadExactly: -1 bytes cannot be read");
  };
  interleave::Run(main());
}

TEST(StreamTest, ReadUntilFindsASeparatorThatComesInPieces) {
  auto main = []() -> Task<void> {
    Peer peer;
    TaskHandle<std::string> read = Spawn(peer.stream().ReadUntil("\r\n\r\n"));
    for (const char* chunk : {"GET\r", "\n\r", "\r\n\r", "\nrest"}) {
      co_await LetOthersRun();
      EXPECT_FALSE(read.done());
      peer.Send(chunk);
    }
    EXPECT_EQ(co_await read, "GET\r\n\r\r\n\r\n");
    peer.SendEnd();
    EXPECT_EQ(co_await ErrorOf<IncompleteRead>(peer.stream().ReadUntil("\r\n")),
              "peer:1 ended the stream: 4 bytes read and no separator");
  };
  interleave::Run(main());
}

TEST(StreamTest, ReadSomeGivesWhatIsThere) {
  auto main = []() -> Task<void> {
    Peer peer;
    TaskHandle<std::string> read = Spawn(peer.stream().ReadSome());
    co_await LetOthersRun();
    EXPECT_FALSE(read.done());
    peer.Send("abcdef");
    EXPECT_EQ(co_await read, "abcdef");
    peer.Send("ghijkl");
    EXPECT_EQ(co_await peer.stream().ReadSome(2), "gh");
    EXPECT_EQ(co_await peer.stream().ReadSome(), "ijkl");
    peer.SendEnd();
    EXPECT_EQ(co_await peer.stream().ReadSome(), "");
  };
  interleave::Run(main());
}

TEST(StreamTest, ReadIntoFillsMemoryOfTheCallers) {
  auto main = []() -> Task<void> {
    Peer peer;
    std::array<char, 4> memory;
    TaskHandle<std::string_view> read = EnsureFuture(peer.stream().ReadInto(memory));
    co_await LetOthersRun();
    EXPECT_FALSE(read.done());
    EXPECT_EQ(co_await ErrorOf<std::logic_error>(peer.stream().ReadSome()),
              "another task reads from the stream of peer:1");
    peer.Send("abcdef");
    EXPECT_EQ(co_await read, "abcd");
    EXPECT_EQ(read.result().data(), memory.data());
    EXPECT_EQ(co_await peer.stream().ReadInto({}), "");
    EXPECT_EQ(co_await peer.stream().ReadInto(memory), "ef");
    // What another read has left comes first.
    peer.Send("a line\nrest");
    EXPECT_EQ(co_await peer.stream().ReadLine(), "a line\n");
    EXPECT_EQ(co_await peer.stream().ReadInto(std::span(memory).first(3)), "res");
    EXPECT_EQ(co_await peer.stream().ReadInto(memory), "t");
    peer.SendEnd();
    EXPECT_EQ(co_await peer.stream().ReadInto(memory), "");
    peer.stream().Close();
    EXPECT_EQ(co_await ErrorOf<std::logic_error>(peer.stream().ReadInto(memory)),
              "the stream of peer:1 was closed and cannot be read");
  };
  interleave::Run(main());
}

TEST(StreamTest, ReadIntoThatWaitsIsLeftByATimeOutOrAClose) {
  auto main = []() -> Task<void> {
    Peer peer;
    std::array<char, 4> memory;
    for (const EventLoop::Duration limit : {0ms, 1ms}) {
      EXPECT_EQ(co_await ErrorOf<TimedOut>(WaitFor(peer.stream().ReadInto(memory), limit)),
                "the time is up");
    }
    peer.Send("ab");  // and the stream can be used on
    EXPECT_EQ(co_await peer.stream().ReadInto(memory), "ab");
    TaskHandle<std::string_view> read = EnsureFuture(peer.stream().ReadInto(memory));
    co_await LetOthersRun();
    { const Stream dropped = std::move(peer.stream()); }
    EXPECT_EQ(co_await ErrorOf<ConnectionError>(read),
              "the stream of peer:1 was closed while a task read");
  };
  interleave::Run(main());
}

TEST(StreamTest, ALineBeyondTheLimitIsRefusedAndStays) {
  auto main = []() -> Task<void> {
    Peer peer({.line = 8});
    peer.Send("12345678\n123456789\n");
    EXPECT_EQ(co_await peer.stream().ReadLine(), "12345678\n");
    EXPECT_EQ(co_await ErrorOf<LineTooLong>(peer.stream().ReadLine()),
              "a line from peer:1 is longer than 8 bytes");
    EXPECT_EQ(co_await peer.stream().ReadSome(), "123456789\n");
    // Whether its end has come or not.
    peer.Send("123456789");
    EXPECT_EQ(co_await ErrorOf<LineTooLong>(peer.stream().ReadLine()),
              "a line from peer:1 is longer than 8 bytes");
  };
  interleave::Run(main());
}

TEST(StreamTest, ReadToEndTakesAllOrRefuses) {
  auto main = []() -> Task<void> {
    Peer peer;
    peer.Send("all of it");
    peer.SendEnd();
    EXPECT_EQ(co_await ErrorOf<LineTooLong>(peer.stream().ReadToEnd(8)),
              "peer:1 sent more than 8 bytes");
    EXPECT_EQ(co_await peer.stream().ReadToEnd(9), "all of it");
  };
  interleave::Run(main());
}

TEST(StreamTest, ACancelledReadLosesNothing) {
  auto main = []() -> Task<void> {
    Peer peer;
    TaskHandle<std::string> read = Spawn(peer.stream().ReadLine());
    peer.Send("half ");
    co_await LetOthersRun();
    read.Cancel();
    co_await LetOthersRun();
    EXPECT_TRUE(read.cancelled());
    peer.Send("a line\n");
    EXPECT_EQ(co_await peer.stream().ReadLine(), "half a line\n");
  };
  interleave::Run(main());
}

TEST(StreamTest, TwoReadersAtOnceAreRefused) {
  auto main = []() -> Task<void> {
    Peer peer;
    TaskHandle<std::string> read = Spawn(peer.stream().ReadLine());
    co_await LetOthersRun();
    EXPECT_EQ(co_await ErrorOf<std::logic_error>(peer.stream().ReadSome()),
              "another task reads from the stream of peer:1");
    peer.Send("x\n");
    EXPECT_EQ(co_await read, "x\n");
  };
  interleave::Run(main());
}

TEST(StreamTest, ReadingGoesOnAfterWriteEof) {
  auto main = []() -> Task<void> {
    Peer peer;
    peer.stream().Write("question");
    peer.stream().WriteEof();
    EXPECT_EQ(peer.Receive(), "question");
    EXPECT_TRUE(peer.ended());
    peer.Send("answer");
    EXPECT_EQ(co_await peer.stream().ReadSome(), "answer");
    EXPECT_EQ(MessageOf<std::logic_error>([&] { peer.stream().Write("more"); }),
              "the stream of peer:1 was ended by WriteEof and cannot be written to");
  };
  interleave::Run(main());
}

// Writes more than the kernel takes.
std::string MoreThanFits(Stream& stream) {
  std::string all;
  for (int i = 0; stream.unsent() < 100'000; ++i) {
    const std::string piece = std::to_string(i) + std::string(10'000, 'x');
    stream.Write(piece);
    all += piece;
  }
  return all;
}

TEST(StreamTest, DrainWaitsUntilTheOtherSideHasTakenMost) {
  auto main = []() -> Task<void> {
    Peer peer({.high_water = 40'000});
    co_await peer.stream().Drain();  // nothing to wait for
    const std::string sent = MoreThanFits(peer.stream());
    TaskHandle<void> drained = EnsureFuture(peer.stream().Drain());
    co_await LetOthersRun();
    EXPECT_FALSE(drained.done());
    std::string received;
    while (!drained.done()) {
      EXPECT_GT(peer.stream().unsent(), 10'000u);
      received += peer.Receive();
      co_await LetOthersRun();
    }
    EXPECT_LE(peer.stream().unsent(), 10'000u);
    while (received.size() < sent.size()) {
      received += peer.Receive();
      co_await Yield();
    }
    EXPECT_EQ(received, sent);
  };
  interleave::Run(main());
}

TEST(StreamTest, CloseSendsTheRestFirst) {
  auto main = []() -> Task<void> {
    Peer peer;
    const std::string sent = MoreThanFits(peer.stream());
    peer.stream().Close();
    EXPECT_EQ(co_await ErrorOf<std::logic_error>(peer.stream().ReadSome()),
              "the stream of peer:1 was closed and cannot be read");
    TaskHandle<void> closed = Spawn(peer.stream().WaitClosed());
    co_await LetOthersRun();
    EXPECT_FALSE(closed.done());
    std::string received;
    while (!peer.ended()) {
      received += peer.Receive();
      co_await Yield();
    }
    EXPECT_EQ(received, sent);
    co_await closed;
  };
  interleave::Run(main());
}

TEST(StreamTest, DrainToAClosedPeerThrowsInsteadOfSpinning) {  // N06
  auto main = []() -> Task<void> {
    Peer peer;
    peer.Close();
    peer.stream().Write("into the void");
    EXPECT_EQ(co_await ErrorOf<ConnectionReset>(peer.stream().Drain()),
              "cannot write to peer:1: Broken pipe");
    EXPECT_EQ(co_await ErrorOf<ConnectionReset>(peer.stream().Drain()),
              "cannot write to peer:1: Broken pipe");
    peer.stream().Close();
    EXPECT_EQ(co_await ErrorOf<ConnectionReset>(peer.stream().WaitClosed()),
              "cannot write to peer:1: Broken pipe");
  };
  interleave::Run(main());
}

TEST(StreamTest, DrainThatWaitsHearsThatThePeerHasClosed) {  // N06
  auto main = []() -> Task<void> {
    Peer peer;
    MoreThanFits(peer.stream());
    TaskHandle<void> drained = EnsureFuture(peer.stream().Drain());
    co_await LetOthersRun();
    EXPECT_FALSE(drained.done());
    peer.Close();
    std::string what;
    try {
      co_await drained;
    } catch (const ConnectionReset& error) {
      what = error.what();
    }
    EXPECT_EQ(what, "cannot write to peer:1: Broken pipe");
  };
  interleave::Run(main());
}

TEST(StreamTest, BytesThatNobodyHeardOfAreReportedAtLast) {
  testing::internal::CaptureStderr();
  auto main = []() -> Task<void> {
    Peer peer;
    peer.Close();
    peer.stream().Write("into the void");
    co_return;
  };
  interleave::Run(main());
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "13 bytes were not sent to peer:1: Broken pipe\n");
}

TEST(StreamTest, AReaderHearsOfClose) {
  auto main = []() -> Task<void> {
    Peer peer;
    TaskHandle<std::string> read = Spawn(peer.stream().ReadLine());
    co_await LetOthersRun();
    peer.stream().Close();
    std::string what;
    try {
      co_await read;
    } catch (const ConnectionError& error) {
      what = error.what();
    }
    EXPECT_EQ(what, "the stream of peer:1 was closed while a task read");
    co_await peer.stream().WaitClosed();
    peer.Receive();
    EXPECT_TRUE(peer.ended());
  };
  interleave::Run(main());
}

TEST(StreamTest, AStreamMayBeMovedAndDroppedWhileATaskReads) {
  auto main = []() -> Task<void> {
    Peer peer;
    TaskHandle<std::string> read = Spawn(peer.stream().ReadLine());
    co_await LetOthersRun();
    {
      Stream moved = std::move(peer.stream());
      EXPECT_FALSE(peer.stream());
      peer.Send("line\n");
      EXPECT_EQ(co_await read, "line\n");
      read = Spawn(moved.ReadLine());
      co_await LetOthersRun();
    }
    std::string what;
    try {
      co_await read;
    } catch (const ConnectionError& error) {
      what = error.what();
    }
    EXPECT_EQ(what, "the stream of peer:1 was closed while a task read");
  };
  interleave::Run(main());
}

}  // namespace
}  // namespace interleave
