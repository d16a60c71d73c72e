// tests/net/course_server_test.cc
//
// The course server for real, asked by libcurl and by bare bytes. Its times are tested in
// course_server_simulated_test.cc.

#include "runtime/net/course_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "runtime/net/course_files.h"
#include "tests/net/curl_get.h"
#include "tests/net/raw_client.h"

namespace interleave {
namespace {

std::ptrdiff_t OpenDescriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

// Of this process, the most so far, in MB.
long PeakMemory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    long kb = 0;
    status >> kb;
    return kb / 1024;
  }
  return 0;
}

class CourseServerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  CurlAnswer Get(const std::string& path) { return client_.Get(server_.url() + path); }
  std::string Text(const std::string& path) { return Get(path).Text(); }
  // The first line of the answer to bare bytes, on a connection of its own.
  std::string StatusOf(const std::string& request) {
    return RawClient(server_.endpoint()).StatusOf(request);
  }

  CourseServer server_;
  CurlClient client_;
};

TEST_F(CourseServerTest, TheIndexNamesEveryPath) {
  const std::string index = Get("/").body;
  for (const char* path :
       {"/api/character/N", "/api/books?", "/site/N", "/town/", "/delay/", "/echo", "/files/NAME?",
        "/folder/", "/status/", "/redirect/", "/broken/"}) {
    EXPECT_NE(index.find(path), std::string::npos) << path;
  }
}

TEST_F(CourseServerTest, ACharacterIsJson) {
  const CurlAnswer answer = Get("/api/character/3");
  EXPECT_NE(answer.headers.find("Content-Type: application/json"), std::string::npos);
  EXPECT_EQ(answer.body.substr(0, 28), "{\"id\":3,\"name\":\"Ines Ferry\",");
}

TEST_F(CourseServerTest, WhatThereIsNotIs404) {
  EXPECT_EQ(Text("/api/character/827"), "404 {\"error\":\"Character not found\"}\n");
  EXPECT_EQ(Text("/api/character/0"), "404 {\"error\":\"Character not found\"}\n");
  EXPECT_EQ(Text("/api/character/3x"), "404 {\"error\":\"Character not found\"}\n");
  EXPECT_EQ(Text("/nothing"),
            "404 {\"error\":\"there is no /nothing here; / lists what there is\"}\n");
  EXPECT_EQ(Get("/site/4").status, 404);
  EXPECT_EQ(Get("/broken/").status, 404);
  EXPECT_EQ(Get("/folder/page").status, 404);
}

TEST_F(CourseServerTest, ABookIsThereIfItsCheckDigitIsRight) {
  EXPECT_EQ(Text("/api/books?bibkeys=ISBN:2852559618&format=json"), "200 {}\n");
  EXPECT_EQ(Get("/api/books?bibkeys=ISBN:2852559617,ISBN:1,ISBN:0306406152&format=json")
                .body.substr(0, 47),
            "{\"ISBN:2852559617\":{\"bib_key\":\"ISBN:2852559617\"");
  EXPECT_EQ(Text("/api/books"), "200 var _OLBookInfo = {};\n");
}

TEST_F(CourseServerTest, EchoTellsWhatItWasSent) {
  curl_easy_setopt(client_.curl(), CURLOPT_POSTFIELDS, "some data");
  const std::string body = Get("/echo?a=b%20c").body;
  EXPECT_EQ(body.find("{\"method\":\"POST\",\"args\":{\"a\":\"b c\"},\"data\":\"some data\""), 0u)
      << body;
}

TEST_F(CourseServerTest, StatusIsTheOneAskedFor) {
  for (const long status : {200, 204, 304, 404, 418, 500, 503, 599}) {
    EXPECT_EQ(Get("/status/" + std::to_string(status)).status, status);
  }
  EXPECT_EQ(Get("/status/100").status, 400);
  EXPECT_EQ(Get("/status/600").status, 400);
}

TEST_F(CourseServerTest, RedirectsEnd) {
  curl_easy_setopt(client_.curl(), CURLOPT_FOLLOWLOCATION, 1L);
  EXPECT_EQ(Get("/redirect/5").status, 200);
  long redirects = 0;
  curl_easy_getinfo(client_.curl(), CURLINFO_REDIRECT_COUNT, &redirects);
  EXPECT_EQ(redirects, 5);
}

TEST_F(CourseServerTest, BadNumbersAreRefused) {
  for (const char* path : {"/delay/", "/delay/-1", "/delay/nan", "/delay/1s", "/files/a?size=-1",
                           "/files/a?size=10000000001", "/files/a?size=", "/files/a?rate=x",
                           "/redirect/0", "/broken/reset?after=2000", "/%zz", "/a%00"}) {
    EXPECT_EQ(Get(path).status, 400) << path;
  }
}

TEST_F(CourseServerTest, AnswersHeadWithoutABody) {
  curl_easy_setopt(client_.curl(), CURLOPT_NOBODY, 1L);
  const CurlAnswer answer = Get("/files/a?size=1000000000");
  EXPECT_EQ(answer.Text(), "200 ");
  EXPECT_NE(answer.headers.find("Content-Length: 1000000000"), std::string::npos);
}

TEST_F(CourseServerTest, OtherMethodsAreRefusedWhereTheyMeanNothing) {
  curl_easy_setopt(client_.curl(), CURLOPT_CUSTOMREQUEST, "DELETE");
  const CurlAnswer answer = Get("/site/1");
  EXPECT_EQ(answer.status, 405);
  EXPECT_NE(answer.headers.find("Allow: GET, HEAD"), std::string::npos);
  EXPECT_EQ(Get("/").status, 405);
  EXPECT_EQ(Get("/echo").status, 200);
}

TEST_F(CourseServerTest, AnswersComeInTheOrderOfTheRequestsOfAConnection) {
  RawClient client(server_.endpoint());
  client.Send(
      "GET /status/201 HTTP/1.1\r\nHost: a\r\n\r\nGET /status/202 HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /status/203 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answers = client.ReadToTheEnd();
  EXPECT_LT(answers.find("201 Created"), answers.find("202 Accepted"));
  EXPECT_LT(answers.find("202 Accepted"), answers.find("203 Non-Auth"));
  EXPECT_NE(answers.find("203 Non-Auth"), answers.npos);
}

TEST_F(CourseServerTest, ASmallBodyIsTakenAndALargeOneRefused) {
  const auto post = [&](std::size_t size, const std::string& headers) {
    return StatusOf("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + "\r\n" +
                    std::string(size, 'x'));
  };
  EXPECT_EQ(post(1'000'000, "Content-Length: 1000000\r\n"), "HTTP/1.1 200 OK");
  // Refused before it is sent.
  EXPECT_EQ(post(0, "Content-Length: 1048577\r\n"), "HTTP/1.1 413 Content Too Large");
  EXPECT_EQ(post(0, "Content-Length: 18446744073709551615\r\n"), "HTTP/1.1 413 Content Too Large");
  EXPECT_EQ(post(0, "Content-Length: 99999999999999999999999\r\n"),
            "HTTP/1.1 413 Content Too Large");
  EXPECT_EQ(post(0, "Content-Length: -1\r\n"), "HTTP/1.1 400 Bad Request");
}

TEST_F(CourseServerTest, ALargeBodyOfUnknownLengthIsRefusedAtItsEnd) {
  std::string chunks;
  for (int i = 0; i < 20; ++i) chunks += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  EXPECT_EQ(StatusOf("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                     "Connection: close\r\n\r\n" +
                     chunks + "0\r\n\r\n"),
            "HTTP/1.1 413 Content Too Large");
}

TEST_F(CourseServerTest, LargeHeadersAndUrlsAreRefused) {
  EXPECT_EQ(StatusOf("GET /status/200 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: " +
                     std::string(8000, 'x') + "\r\n\r\n"),
            "HTTP/1.1 200 OK");
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n"),
            "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(StatusOf("GET /" + std::string(40'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"),
            "HTTP/1.1 414 URI Too Long");
}

TEST_F(CourseServerTest, HalfARequestEndsWithItsClient) {
  for (const char* half : {"", "GET", "GET / HTTP/1.1\r\nHost: a\r\n",
                           "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"}) {
    RawClient client(server_.endpoint());
    client.Send(half);
    client.SendEnd();
    EXPECT_EQ(client.ReadToTheEnd(), "") << half;
  }
}

TEST_F(CourseServerTest, WhatIsNoHttpIsRefused) {
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\n\r\n"), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(StatusOf("\x16\x03\x01\x02\r\n\r\n\r\n"), "");  // closed without a word
}

TEST_F(CourseServerTest, AFileArrivesWhole) {
  std::string expected(3'000'001, '\0');
  FillCourseFile("music.zip", 0, expected);
  EXPECT_TRUE(Get("/files/music.zip?size=3000001").body == expected);
  EXPECT_EQ(Get("/files/music.zip?size=0").Text(), "200 ");
}

TEST_F(CourseServerTest, ALargeFileTakesNoMemory) {
  std::uint64_t received = 0;
  Get("/files/a?size=100000");
  const long before = PeakMemory();
  const std::string url = server_.url() + "/files/a?size=300000000";
  CURL* curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received);
  curl_easy_setopt(
      curl, CURLOPT_WRITEFUNCTION,
      +[](char*, std::size_t size, std::size_t count, std::uint64_t* sum) {
        *sum += size * count;
        return size * count;
      });
  EXPECT_EQ(curl_easy_perform(curl), CURLE_OK);
  curl_easy_cleanup(curl);
  EXPECT_EQ(received, 300'000'000u);
  EXPECT_LE(PeakMemory() - before, 30);
}

TEST_F(CourseServerTest, ManyClientsAtOnceAreAllAnswered) {
  std::atomic<int> answered = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 32; ++i) {
    clients.emplace_back([&, i] {
      CurlClient client;
      for (int j = 0; j < 10; ++j) {
        const std::string path = "/echo?client=" + std::to_string(i * 10 + j);
        const std::string body = client.Get(server_.url() + path).body;
        answered += body.find("\"" + std::to_string(i * 10 + j) + "\"") != body.npos;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, 320);
  EXPECT_EQ(server_.Counts().requests, 320);
  EXPECT_LE(server_.Counts().connections, 32);
}

TEST(CourseServer, ServesAFolderAndNothingElse) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "served";
  std::filesystem::create_directories(folder / "sub");
  std::ofstream(folder / "sub" / "page") << "page";
  {
    CourseServer server({.folder = folder});
    CurlClient client;
    const auto get = [&](const std::string& name) {
      return client.Get(server.url() + "/folder/" + name).status;
    };
    EXPECT_EQ(client.Get(server.url() + "/folder/sub/page").Text(), "200 page");
    for (const char* name : {"../served/sub/page", "%2e%2e/served/sub/page", "..%2fserved/sub/page",
                             "sub/../sub/page", "/sub/page", "%2Fetc/passwd", "sub", ""}) {
      EXPECT_EQ(get(name), 404) << name;
    }
    EXPECT_EQ(get("sub/page%00.txt"), 400);
  }
  std::filesystem::remove_all(folder);
}

// As `nc -N` does it. The other client sees to it that the server finds the request and the end
// together: an end that comes later, while the answer is prepared, is taken for a client that left.
TEST(CourseServer, AClientMayEndWithItsRequest) {
  CourseServer server({.web = {.max_connections = 1}});
  auto first = std::make_unique<RawClient>(server.endpoint());
  while (server.Counts().open < 1) std::this_thread::yield();
  RawClient second(server.endpoint());
  second.Send("GET /api/character/3 HTTP/1.1\r\nHost: a\r\n\r\n");
  second.SendEnd();
  first.reset();
  EXPECT_EQ(second.ReadToTheEnd().substr(0, 12), "HTTP/1.1 200");
}

TEST(CourseServer, SaysWhyItCannotStart) {
  CourseServer first;
  const auto why = [](const CourseServerOptions& options) -> std::string {
    try {
      CourseServer second(options);
      return "it can";
    } catch (const std::exception& error) {
      return error.what();
    }
  };
  EXPECT_EQ(why({.web = {.port = first.endpoint().port}}),
            "cannot listen on " + first.endpoint().Text() + ": Address already in use");
  EXPECT_EQ(why({.web = {.host = "192.0.2.1"}}),
            "cannot listen on 192.0.2.1:0: Cannot assign requested address");
  EXPECT_EQ(why({.folder = "/no/such/folder"}), "'/no/such/folder' is no folder");
}

TEST(CourseServer, LeavesNoDescriptorBehind) {
  CurlGet(CourseServer().url() + "/");  // what libcurl and the loop keep
  const std::ptrdiff_t before = OpenDescriptors();
  for (int i = 0; i < 20; ++i) {
    CourseServer server;
    CurlGet(server.url() + "/broken/reset");
    CurlGet(server.url() + "/broken/short");
    RawClient idle(server.endpoint()), asking(server.endpoint());
    asking.Send("GET /broken/silent HTTP/1.1\r\nHost: a\r\n\r\n");
    CurlGet(server.url() + "/");
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(CourseServer, EndsWhileItAnswers) {
  auto server = std::make_unique<CourseServer>();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (const char* path : {"/broken/silent", "/broken/stall", "/files/a?size=10000000000",
                           "/files/a?size=1000&rate=1", "/delay/10"}) {
    clients.push_back(std::make_unique<RawClient>(server->endpoint()));
    clients.back()->Send(std::string("GET ") + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  while (server->Counts().in_progress < 5) std::this_thread::yield();
  server.reset();
  for (const auto& client : clients) client->ReadToTheEnd();  // ends
}

}  // namespace
}  // namespace interleave
