// tests/net/request_target_test.cc

#include "runtime/net/request_target.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace interleave {
namespace {

std::string Text(std::string_view target) {
  try {
    const RequestTarget parsed = ParseTarget(target);
    std::string text = parsed.path;
    for (const auto& [name, value] : parsed.query) text += " " + name + "=" + value;
    return text;
  } catch (const BadTarget& error) {
    return error.what();
  }
}

TEST(RequestTarget, IsAPathAndAQuery) {
  EXPECT_EQ(Text("/"), "/");
  EXPECT_EQ(Text("/a/b?x=1&y=2&x=3"), "/a/b x=1 y=2 x=3");
  EXPECT_EQ(Text("/a?"), "/a");
  EXPECT_EQ(Text("/a?&&x&y="), "/a x= y=");
  EXPECT_EQ(Text("/a?x=1=2?3"), "/a x=1=2?3");
}

TEST(RequestTarget, QueryGivesTheFirstOfAName) {
  const RequestTarget target = ParseTarget("/?x=1&x=2&y");
  EXPECT_EQ(target.Query("x"), "1");
  EXPECT_EQ(target.Query("y"), "");
  EXPECT_EQ(target.Query("z"), std::nullopt);
}

TEST(RequestTarget, IsSplitBeforeItIsDecoded) {
  EXPECT_EQ(Text("/a%3Fb?x=1%262&%3d=%3D"), "/a?b x=1&2 ===");
}

TEST(RequestTarget, PlusIsASpaceInAQueryOnly) { EXPECT_EQ(Text("/a+b?c+d=e+f"), "/a+b c d=e f"); }

TEST(RequestTarget, MayNameTheServerAsForAProxy) {
  EXPECT_EQ(Text("http://course.test/a?b=c"), "/a b=c");
  EXPECT_EQ(Text("http://course.test"), "/");
  EXPECT_EQ(Text("http://course.test?b=c"), "/ b=c");
}

TEST(RequestTarget, IsRefusedIfItIsDoubtful) {
  EXPECT_EQ(Text("/%"), "'%' is no escape; it is % and two hexadecimal digits");
  EXPECT_EQ(Text("/%4"), "'%4' is no escape; it is % and two hexadecimal digits");
  EXPECT_EQ(Text("/a?x=%zz"), "'%zz' is no escape; it is % and two hexadecimal digits");
  EXPECT_EQ(Text("/a%00.txt"), "a URL has no control characters");
  EXPECT_EQ(Text("/a%0d%0aSet-Cookie:x"), "a URL has no control characters");
  EXPECT_EQ(Text(std::string_view("/a\0b", 4)), "a URL has no control characters");
  EXPECT_EQ(Text("*"), "a path begins with /");
  EXPECT_EQ(Text("course.test:443"), "a path begins with /");
}

TEST(RequestTarget, WhateverIsSentIsParsedOrRefused) {
  std::mt19937_64 random(1);
  const std::string alphabet = "/?&=%+.0aF:\0h\x7f\xff";
  for (int i = 0; i < 20'000; ++i) {
    std::string target = i % 2 == 0 ? "/" : "";
    for (std::size_t size = random() % 24; size > 0; --size) {
      target += alphabet[random() % alphabet.size()];
    }
    try {
      const RequestTarget parsed = ParseTarget(target);
      ASSERT_TRUE(parsed.path.starts_with('/')) << target;
      ASSERT_EQ(parsed.path.find('\0'), std::string::npos);
    } catch (const BadTarget&) {
    }
  }
}

}  // namespace
}  // namespace interleave
