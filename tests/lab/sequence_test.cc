// tests/lab/sequence_test.cc
#include "runtime/lab/sequence.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "runtime/lab/compute.h"
#include "runtime/lab/message.h"
#include "runtime/lab/scenario.h"
#include "runtime/lab/simulated_run.h"

namespace interleave::lab {
namespace {

using namespace std::chrono_literals;

Sequence SequenceOf(const Body& body) {
  Scenario scenario("drawn", body);
  const SimulatedRun run = RunSimulated(scenario.plan(), "");
  EXPECT_EQ(run.report.ending, Ending::kReturned) << run.report.explanation;
  return run.sequence;
}

void Ask(const std::string& what, std::chrono::milliseconds latency) {
  NoteRequest("API", what);
  std::this_thread::sleep_for(latency);
  NoteAnswer("API", what);
}

TEST(SequenceText, ShowsMessagesAndTheGapsBetweenThem) {
  EXPECT_EQ(SequenceText(SequenceOf([] {
              for (const char* what : {"one", "two"}) {
                Ask(what, 100ms);
                std::this_thread::sleep_for(2s);
              }
              return "";
            })),
            "             MainThread  API\n"
            "    0.000 s  |---------->|  one\n"
            "             ~           |    0.1 s pass\n"
            "    0.100 s  |<----------|  one\n"
            "             ~           |    2 s pass\n"
            "    2.100 s  |---------->|  two\n"
            "             ~           |    0.1 s pass\n"
            "    2.200 s  |<----------|  two\n"
            "             ~           |    2 s pass\n"
            "  waits, of its time: MainThread 100 %\n");
}

TEST(SequenceText, AThreadIsThereFromItsStartToItsEnd) {
  EXPECT_EQ(SequenceText(SequenceOf([] {
              std::thread one(Ask, "one", 300ms);
              std::this_thread::sleep_for(100ms);
              std::thread two(Ask, "two", 100ms);
              one.join();
              two.join();
              return "";
            })),
            "             Thread-1  Thread-2  API\n"
            "    0.000 s  |------------------>|  one\n"
            "             ~                   |    0.1 s pass\n"
            "    0.100 s  |         |-------->|  two\n"
            "             ~         ~         |    0.1 s pass\n"
            "    0.200 s  |         |<--------|  two\n"
            "             ~                   |    0.1 s pass\n"
            "    0.300 s  |<------------------|  one\n"
            "  waits, of its time: each 100 %\n");
}

TEST(SequenceText, SaysOfEachThreadHowMuchItWaits) {
  const std::string text = SequenceText(SequenceOf([] {
    std::thread busy([] {
      Ask("one", 100ms);
      Compute(300ms);
    });
    Ask("two", 100ms);
    busy.join();
    return "";
  }));
  EXPECT_TRUE(text.ends_with("  waits, of its time: MainThread 100 %, Thread-1 25 %\n")) << text;
}

TEST(SequenceText, NamesThatAreTooLongForThePageGiveWayToNumbers) {
  const std::string text = SequenceText(SequenceOf([] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 12; ++i) threads.emplace_back(Ask, "c" + std::to_string(i), 100ms);
    for (std::thread& thread : threads) thread.join();
    return "";
  }));
  EXPECT_TRUE(text.starts_with("             1    2    3 ")) << text;
  EXPECT_NE(text.find("\n  1=Thread-1, 2=Thread-2, 3=Thread-3,"), std::string::npos) << text;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    EXPECT_LE(text.find('\n', at) - at, 100u) << text;
  }
}

TEST(SequenceText, WithoutMessagesSaysSo) {
  EXPECT_EQ(SequenceText(SequenceOf([] { return ""; })), "  Nobody sends a message.\n");
}

TEST(SequenceText, ARunWithoutTimeHasNoGaps) {
  EXPECT_EQ(SequenceText(SequenceOf([] {
              NoteRequest("cache", "x");
              NoteAnswer("cache", "x");
              return "";
            })),
            "             MainThread  cache\n"
            "    0.000 s  |---------->|  x\n"
            "    0.000 s  |<----------|  x\n"
            "  waits, of its time: MainThread 0 %\n");
}

TEST(Messages, OutsideOfASimulationNothingIsNoted) {
  NoteRequest("API", "one");
  EXPECT_TRUE(TakeMessages().empty());
}

TEST(SequenceSvg, HasEachMessageAndEscapesIt) {
  const std::string svg = SequenceSvg(SequenceOf([] {
                                        Ask("<one>", 100ms);
                                        return "";
                                      }),
                                      "lab & scenario");
  EXPECT_TRUE(svg.starts_with("<svg xmlns="));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find("lab &amp; scenario"), std::string::npos);
  EXPECT_NE(svg.find("&lt;one&gt;"), std::string::npos);
  EXPECT_NE(svg.find("0.1 s pass"), std::string::npos);
}

}  // namespace
}  // namespace interleave::lab
