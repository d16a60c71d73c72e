// tests/lab/progress_test.cc
#include "runtime/lab/progress.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "runtime/engine/explore.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// What it prints in a simulation.
std::string Prints(const std::function<void()>& action) {
  std::string printed;
  SimulateOptions options;
  options.output = [&](int, std::string_view text) { printed += text; };
  const RunReport report = Simulate(
      [&] {
        action();
        return "";
      },
      options);
  EXPECT_EQ(report.ending, Ending::kReturned) << report.explanation;
  return printed;
}

TEST(ProgressBars, InASimulationThereIsALineAtEachQuarter) {
  EXPECT_EQ(Prints([] {
              ProgressBars bars;
              const std::size_t bar = bars.Add("pictures.zip");
              for (std::uint64_t received = 0; received <= 1000; received += 10) {
                bars.Update(bar, received, 1000);
              }
              bars.End(bar, "done");
            }),
            "pictures.zip   25 %\n"
            "pictures.zip   50 %\n"
            "pictures.zip   75 %\n"
            "pictures.zip  100 %\n"
            "pictures.zip  done\n");
}

TEST(ProgressBars, NoLineIsLeftOutHoweverMuchComesAtOnce) {
  EXPECT_EQ(Prints([] {
              ProgressBars bars({.lines = 3});
              bars.Update(bars.Add("all"), 10, 10);
              bars.Update(bars.Add("nothing"), 0, 0);
              const std::size_t huge = bars.Add("huge");
              bars.Update(huge, std::numeric_limits<std::uint64_t>::max() / 3 * 2 - 1,
                          std::numeric_limits<std::uint64_t>::max());
            }),
            "all   33 %\nall   66 %\nall  100 %\n"
            "nothing   33 %\nnothing   66 %\nnothing  100 %\n"
            "huge   33 %\n");
}

TEST(ProgressBars, OneMayHaveMoreLinesThanTheOthers) {
  EXPECT_EQ(Prints([] {
              ProgressBars bars({.lines = 2});
              const std::size_t few = bars.Add("few"), many = bars.Add("many", 5);
              bars.Update(few, 10, 10);
              bars.Update(many, 7, 10);
            }),
            "few   50 %\nfew  100 %\nmany   20 %\nmany   40 %\nmany   60 %\n");
  ProgressBars bars({.redraws = false});
  EXPECT_THROW(bars.Add("none", 0), std::invalid_argument);
}

TEST(ProgressBars, WithoutATotalThereIsOnlyTheEnd) {
  EXPECT_EQ(Prints([] {
              ProgressBars bars;
              const std::size_t bar = bars.Add("stream");
              bars.Update(bar, 5'000'000, {});
              bars.End(bar, "connection lost");
            }),
            "stream  connection lost\n");
}

TEST(ProgressBars, ThreadsHaveTheirLinesInTheOrderOfTheClock) {
  EXPECT_EQ(Prints([] {
              ProgressBars bars({.lines = 2});
              const auto download = [&](const char* name, std::chrono::seconds half) {
                const std::size_t bar = bars.Add(name);
                for (std::uint64_t received : {1, 2}) {
                  std::this_thread::sleep_for(half);
                  bars.Update(bar, received, 2);
                }
              };
              std::thread slow(download, "slow", 3s), quick(download, "quick", 1s);
              slow.join();
              quick.join();
            }),
            "quick   50 %\nquick  100 %\nslow   50 %\nslow  100 %\n");
}

TEST(ProgressBars, OnATerminalAllBarsAreDrawnAgainWhereTheyStand) {
  EXPECT_EQ(Prints([] {
              ProgressBars bars({.redraws = true, .columns = 80});
              const std::size_t one = bars.Add("one.zip");
              bars.Update(one, 2'500'000, 5'000'000);
              bars.Update(one, 2'500'001, 5'000'000);  // looks the same
              const std::size_t stream = bars.Add("stream");
              bars.Update(stream, 100'000, {});
              bars.End(one, "lost");
            }),
            "\033[Kone.zip    0.0 MB\n"
            "\033[1A\r\033[Kone.zip  [############------------]  50 %   2.5 of   5.0 MB\n"
            "\033[1A\r\033[Kone.zip  [############------------]  50 %   2.5 of   5.0 MB\n"
            "\033[Kstream     0.0 MB\n"
            "\033[2A\r\033[Kone.zip  [############------------]  50 %   2.5 of   5.0 MB\n"
            "\033[Kstream     0.1 MB\n"
            "\033[2A\r\033[Kone.zip  [############------------]  50 %   2.5 of   5.0 MB  lost\n"
            "\033[Kstream     0.1 MB\n");
}

TEST(ProgressBars, ALineIsCutRatherThanBroken) {
  EXPECT_EQ(Prints([] {
              ProgressBars bars({.redraws = true, .columns = 20});
              bars.Update(bars.Add("pictures.zip"), 1, 1);
            }),
            "\033[Kpictures.zip    0.0\n"
            "\033[1A\r\033[Kpictures.zip  [####\n");
}

TEST(ProgressBars, MoreThanAnnouncedIsAFullBar) {
  const std::string printed = Prints([] {
    ProgressBars bars({.redraws = true, .columns = 80});
    bars.Update(bars.Add("a"), 20, 10);
  });
  EXPECT_TRUE(printed.ends_with("a  [########################] 100 %   0.0 of   0.0 MB\n"));
}

TEST(ProgressBars, NoLinesAreRefused) {
  EXPECT_THROW(ProgressBars({.lines = 0}), std::invalid_argument);
}

}  // namespace
}  // namespace interleave
