// tests/lab/page_test.cc
#include "runtime/lab/page.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace interleave::lab {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Wrap, BreaksAtSpacesAndHangsUnderTheFirstLine) {
  const std::string word(46, 'w');
  EXPECT_EQ(Wrap("Try: ", word + " " + word + " end"),
            "Try: " + word + " " + word + "\n     end\n");
}

TEST(Wrap, LeavesNoBlanksAtTheEndOfALine) {
  const std::string word(60, 'w');
  EXPECT_EQ(Wrap("", word + "   " + word), word + "\n" + word + "\n");
}
TEST(Wrap, LeavesALongWordWhole) {
  const std::string word(150, 'w');
  EXPECT_EQ(Wrap("", "a " + word), "a\n" + word + "\n");
}

TEST(Indent, EndsEveryLineAndLeavesEmptyOnesEmpty) {
  EXPECT_EQ(Indent("one\n\ntwo"), "  one\n\n  two\n");
  EXPECT_EQ(Indent(""), "");
}

TEST(Grouped, SeparatesThousands) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1000), "1,000");
  EXPECT_EQ(Grouped(-1234567), "-1,234,567");
}

TEST(Seconds, AreExactWithoutTrailingZeros) {
  EXPECT_EQ(Seconds(seconds(2)), "2 s");
  EXPECT_EQ(Seconds(microseconds(2'000)), "0.002 s");
  EXPECT_EQ(Seconds(nanoseconds(1'500'000'000)), "1.5 s");
}

TEST(OneLine, IsOneLineWhateverItWasGiven) {
  EXPECT_EQ(OneLine("--schedule=1.2: two  spaces"), "--schedule=1.2: two  spaces");
  EXPECT_EQ(OneLine("1\n2\033[31m"), "1?2?[31m");
  EXPECT_EQ(OneLine("a " + std::string(1'000'000, 'x') + " b"),
            "a " + std::string(60, 'x') + "..." + std::string(20, 'x') + " b");
}

TEST(Bar, IsNeverEmptyAndNeverLongerThanItsPlace) {
  EXPECT_EQ(Bar(0.0001), "#");
  EXPECT_EQ(Bar(0.5), std::string(12, '#'));
  EXPECT_EQ(Bar(1), std::string(24, '#'));
}

TEST(Colour, IsOffUnlessAskedFor) {
  EXPECT_EQ(Bold("text"), "text");
  EXPECT_EQ(Alarm("text"), "text");
}

TEST(Colour, IsForTerminalsThatCanShowItUnlessNoColorIsSet) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal == -1) GTEST_SKIP() << "this system has no pseudo-terminals";
  unsetenv("NO_COLOR");
  setenv("TERM", "xterm", 1);
  EXPECT_TRUE(TerminalWantsColour(terminal));
  const int file = open("/dev/null", O_WRONLY);
  EXPECT_FALSE(TerminalWantsColour(file));
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(TerminalWantsColour(terminal));
  unsetenv("TERM");
  EXPECT_FALSE(TerminalWantsColour(terminal));
  setenv("TERM", "xterm", 1);
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(TerminalWantsColour(terminal));
  close(file);
  close(terminal);
}

}  // namespace
}  // namespace interleave::lab
