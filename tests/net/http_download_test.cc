// tests/net/http_download_test.cc
//
// Bodies that go to a file: whole or not at all, with both clients.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/net/http_blocking.h"
#include "runtime/net/http_session.h"
#include "runtime/net/partial_file.h"
#include "tests/net/raw_server.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// An empty folder, removed with what is in it.
class Folder {
 public:
  Folder() : path_(testing::TempDir() + "http_download_test") {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string File(const std::string& name) const { return path_ + "/" + name; }
  std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.insert(entry.path().filename());
    }
    return names;
  }

 private:
  const std::string path_;
};

std::string Read(const std::string& name) {
  std::ifstream file(name);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Write(const std::string& name, const std::string& text) { std::ofstream(name) << text; }

class HttpDownload : public testing::TestWithParam<const char*> {
 protected:
  HttpResponse Ask(RawServer& server, HttpRequest request) const {
    HttpOptions options{.connect_to = {{"course.test", server.endpoint()}}};
    request.url = "http://course.test/big";
    if (std::string(GetParam()) == "Blocking") {
      return BlockingHttp(std::move(options)).Request(std::move(request));
    }
    return interleave::Run([](HttpOptions options, HttpRequest request) -> Task<HttpResponse> {
      HttpSession session(std::move(options));
      co_return co_await session.Request(std::move(request));
    }(std::move(options), std::move(request)));
  }

  const Folder folder_;
};

INSTANTIATE_TEST_SUITE_P(Of, HttpDownload, testing::Values("Session", "Blocking"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(HttpDownload, TheFileIsThereWhenTheLastByteHasCome) {
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += std::to_string(i);
  RawServer server([&](Peer& peer) {
    peer.Request();
    peer.Answer(content);
  });
  Write(folder_.File("big"), "of before");
  std::vector<HttpProgress> steps;
  const HttpResponse response =
      Ask(server, {.to_file = folder_.File("big"), .on_progress = [&](const HttpProgress& step) {
                     steps.push_back(step);
                     EXPECT_EQ(Read(folder_.File("big")), "of before");
                   }});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_TRUE(Read(folder_.File("big")) == content);
  EXPECT_EQ(folder_.Names(), std::set<std::string>{"big"});
  ASSERT_FALSE(steps.empty());
  for (std::size_t i = 1; i < steps.size(); ++i) {
    EXPECT_LT(steps[i - 1].received, steps[i].received);
  }
  EXPECT_EQ(steps.back().received, content.size());
  EXPECT_EQ(steps.front().total, content.size());
}

TEST_P(HttpDownload, WithoutALengthTheTotalIsUnknown) {
  RawServer server([](Peer& peer) {
    peer.Request();
    peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n0\r\n\r\n");
  });
  std::vector<HttpProgress> steps;
  Ask(server, {.to_file = folder_.File("big"),
               .on_progress = [&](const HttpProgress& step) { steps.push_back(step); }});
  EXPECT_EQ(Read(folder_.File("big")), "some");
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].received, 4u);
  EXPECT_EQ(steps[0].total, std::nullopt);
}

TEST_P(HttpDownload, AnEmptyBodyIsAnEmptyFile) {
  RawServer server([](Peer& peer) {
    peer.Request();
    peer.Answer("");
  });
  Ask(server, {.to_file = folder_.File("big")});
  EXPECT_EQ(folder_.Names(), std::set<std::string>{"big"});
  EXPECT_EQ(Read(folder_.File("big")), "");
}

TEST_P(HttpDownload, WhatEndsInTheMidstLeavesTheFileOfBefore) {
  RawServer server([](Peer& peer) {
    peer.Request();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it");
  });
  Write(folder_.File("big"), "of before");
  EXPECT_THROW(Ask(server, {.to_file = folder_.File("big")}), HttpConnectionLost);
  EXPECT_EQ(Read(folder_.File("big")), "of before");
  EXPECT_EQ(folder_.Names(), std::set<std::string>{"big"});
}

TEST_P(HttpDownload, WhatIsTooLargeLeavesNothing) {
  RawServer server([](Peer& peer) {
    peer.Request();
    peer.Send("HTTP/1.1 200 OK\r\n\r\n");
    while (peer.Send(std::string(10'000, 'x'))) {
    }
  });
  EXPECT_THROW(Ask(server, {.max_body = 100'000, .to_file = folder_.File("big")}), HttpTooLarge);
  EXPECT_EQ(folder_.Names(), std::set<std::string>());
}

TEST_P(HttpDownload, AnErrorPageIsNotTheFile) {
  RawServer server([](Peer& peer) {
    peer.Request();
    peer.Answer("no such book", "404 Not Found");
  });
  const HttpResponse response = Ask(server, {.to_file = folder_.File("big")});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "no such book");
  EXPECT_EQ(folder_.Names(), std::set<std::string>());
}

TEST_P(HttpDownload, AFileThatCannotBeWritten) {
  RawServer server([](Peer& peer) {
    peer.Request();
    peer.Answer("content");
  });
  const std::string name = folder_.File("no/such/folder");
  try {
    Ask(server, {.to_file = name});
    ADD_FAILURE() << "there is no such folder";
  } catch (const HttpFileError& error) {
    EXPECT_EQ(std::string(error.what()), "GET http://course.test/big: '" + name +
                                             "' cannot be written: No such file or directory");
  }
}

TEST(HttpDownloadTask, CancellingLeavesNothing) {
  const Folder folder;
  RawServer server([](Peer& peer) {
    peer.Request();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it");
    peer.Stall();
  });
  interleave::Run([](const Folder& folder, RawServer& server) -> Task<void> {
    HttpSession session;
    AsyncFuture<void> begun;
    HttpRequest request{.url = server.Url("/big"), .to_file = folder.File("big")};
    request.on_progress = [begun](const HttpProgress&) mutable { begun.SetResult(); };
    TaskHandle<HttpResponse> download = Spawn(session.Request(std::move(request)));
    co_await begun;
    EXPECT_EQ(folder.Names(), std::set<std::string>{"big.part"});
    download.Cancel();
    co_await Yield();
    co_await Yield();
    EXPECT_TRUE(download.cancelled());
    EXPECT_EQ(folder.Names(), std::set<std::string>());
  }(folder, server));
}

TEST(PartialFile, TwoOfOneNameDoNotMix) {
  const Folder folder;
  {
    PartialFile first(folder.File("a")), second(folder.File("a"));
    first.Write("first");
    second.Write("second");
    EXPECT_EQ(folder.Names(), (std::set<std::string>{"a.part", "a.part1"}));
    first.Commit();
    EXPECT_EQ(Read(folder.File("a")), "first");
    second.Commit();
    EXPECT_EQ(Read(folder.File("a")), "second");
  }
  EXPECT_EQ(folder.Names(), std::set<std::string>{"a"});
}

}  // namespace
}  // namespace interleave
