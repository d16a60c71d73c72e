// tests/third_party/libraries_test.cc
//
// One call into each of the system's libraries. When one of these fails to
// link, it is the library's entry in WORKSPACE that is wrong, not our code.

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>
#include <absl/time/time.h>
#include <benchmark/benchmark.h>
#include <curl/curl.h>
#include <elfutils/libdwfl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <microhttpd.h>
#include <tbb/parallel_invoke.h>

#include <CLI/CLI.hpp>
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <boost/context/detail/fcontext.hpp>
#include <cereal/archives/binary.hpp>
#include <cereal/types/string.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace context = boost::context::detail;

TEST(Libraries, AbseilFormatsAndHashes) {
  absl::flat_hash_map<std::string, int> ages = {{"Ada", 36}};
  EXPECT_EQ(absl::StrCat("Ada is ", ages["Ada"]), "Ada is 36");
  EXPECT_EQ(absl::FormatDuration(absl::Seconds(90)), "1m30s");
}

TEST(Libraries, AsioRunsAJob) {
  bool ran = false;
  asio::thread_pool pool(1);
  asio::post(pool, [&] { ran = true; });
  pool.join();
  EXPECT_TRUE(ran);
}

TEST(Libraries, BenchmarkKeepsItsOwnTime) {
  int value = 1;
  benchmark::DoNotOptimize(value);
  EXPECT_GT(benchmark::CPUInfo::Get().num_cpus, 0);
}

void AddOneAndReturn(context::transfer_t caller) {
  auto* value = static_cast<int*>(caller.data);
  *value += 1;
  context::jump_fcontext(caller.fctx, nullptr);
}

TEST(Libraries, BoostContextSwitchesStacksThereAndBack) {
  std::vector<std::uint8_t> stack(64 * 1024);
  int value = 41;
  auto fiber = context::make_fcontext(stack.data() + stack.size(), stack.size(), AddOneAndReturn);
  context::jump_fcontext(fiber, &value);
  EXPECT_EQ(value, 42);
}

TEST(Libraries, CerealWritesAndReads) {
  std::stringstream bytes;
  cereal::BinaryOutputArchive{bytes}(std::string("there"), 7);
  std::string text;
  int number = 0;
  cereal::BinaryInputArchive{bytes}(text, number);
  EXPECT_EQ(text + std::to_string(number), "there7");
}

TEST(Libraries, Cli11ReadsAFlag) {
  CLI::App app;
  int seed = 0;
  app.add_option("--seed", seed);
  app.parse("--seed=7", false);
  EXPECT_EQ(seed, 7);
}

TEST(Libraries, CurlKnowsItsVersion) {
  EXPECT_THAT(std::string(curl_version()), testing::StartsWith("libcurl/"));
}

TEST(Libraries, LibdwKnowsItsVersion) { EXPECT_NE(dwfl_version(nullptr), nullptr); }

TEST(Libraries, JsonReadsANumber) { EXPECT_EQ(nlohmann::json::parse(R"({"seed": 7})")["seed"], 7); }

TEST(Libraries, MicrohttpdHasEpollAndKnowsItsVersion) {
  EXPECT_EQ(MHD_is_feature_supported(MHD_FEATURE_EPOLL), MHD_YES);
  EXPECT_NE(MHD_get_version(), nullptr);
}

TEST(Libraries, TbbRunsBothBranches) {
  bool left = false, right = false;
  tbb::parallel_invoke([&] { left = true; }, [&] { right = true; });
  EXPECT_TRUE(left && right);
}

}  // namespace
