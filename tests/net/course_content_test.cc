// tests/net/course_content_test.cc
//
// What the course server's content is like: characters, books, files.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/net/course_books.h"
#include "runtime/net/course_characters.h"
#include "runtime/net/course_files.h"
#include "runtime/net/course_town.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

TEST(CourseBooks, TheCheckDigitDecides) {
  for (const char* isbn : {"2852559617", "0306406152", "080442957X", "080442957x", "0000000000"}) {
    EXPECT_TRUE(IsValidIsbn(isbn)) << isbn;
  }
  for (const char* isbn : {"2852559618", "0306406125", "X804429570", "285255961", "28525596170", "",
                           "2852-55961", "285255961 ", "XXXXXXXXXX"}) {
    EXPECT_FALSE(IsValidIsbn(isbn)) << isbn;
  }
}

TEST(CourseBooks, OneNumberInElevenIsValid) {
  int valid = 0;
  for (int i = 0; i < 110'000; ++i) valid += IsValidIsbn(std::to_string(1'234'500'000 + i));
  EXPECT_NEAR(valid, 10'000, 100);
}

TEST(CourseBooks, ABookHasTheFormOfOpenLibrary) {
  const auto book = BookJson("2852559617");
  std::string keys;
  for (const auto& [key, value] : book.items()) keys += key + " ";
  EXPECT_EQ(keys, "bib_key info_url preview preview_url thumbnail_url ");
  EXPECT_EQ(book["bib_key"], "ISBN:2852559617");
}

TEST(CourseBooks, TakesThreeToFiveTenthsOfASecond) {
  std::set<std::chrono::nanoseconds> latencies;
  for (int i = 0; i < 1000; ++i) latencies.insert(BookLatency("ISBN:" + std::to_string(i)));
  EXPECT_GE(*latencies.begin(), 300ms);
  EXPECT_LE(*latencies.rbegin(), 500ms);
  EXPECT_GT(latencies.size(), 100u);
  EXPECT_EQ(BookLatency("ISBN:1"), BookLatency("ISBN:1"));
}

TEST(CourseCharacters, NoTwoHaveTheSameName) {
  std::set<std::string> names;
  for (int id = 1; id <= kCharacters; ++id) names.insert(CharacterJson(id)["name"]);
  EXPECT_EQ(names.size(), 826u);
}

TEST(CourseCharacters, TheFirstTenAnswerInTheOrderOfThePicture) {
  std::vector<std::pair<std::chrono::nanoseconds, int>> answers;
  for (int id = 1; id <= 10; ++id) answers.emplace_back(CharacterLatency(id), id);
  std::sort(answers.begin(), answers.end());
  std::string order;
  for (const auto& [latency, id] : answers) order += std::to_string(id) + " ";
  EXPECT_EQ(order, "3 9 1 10 4 8 2 6 7 5 ");
}

TEST(CourseCharacters, TakesAsLongAsTheRealOnes) {
  for (int id = -1; id <= kCharacters + 1; ++id) {
    EXPECT_GE(CharacterLatency(id), 80ms);
    EXPECT_LE(CharacterLatency(id), 250ms);
  }
}

TEST(CourseTown, HasLinksInACircleAndACalendarWithoutAnEnd) {
  const auto has_link = [](const char* place, const std::string& link) {
    return TownPage(place)->find("<a href=\"" + link + "\">") != std::string::npos;
  };
  EXPECT_TRUE(has_link("", "market"));
  EXPECT_TRUE(has_link("market", "/town/"));
  EXPECT_TRUE(has_link("shelf/8", "/town/shelf/1"));
  EXPECT_TRUE(has_link("calendar/999999", "1000000"));
}

TEST(CourseTown, WhatIsNotThereIsNoPage) {
  for (const char* place : {"mayor", "shelf/", "shelf/0", "shelf/9", "shelf/1x", "pier/4",
                            "calendar/-1", "town", "market/"}) {
    EXPECT_FALSE(TownPage(place)) << place;
  }
}

TEST(CourseTown, TakesOneToThreeTenthsOfASecond) {
  for (int day = 1; day <= 1000; ++day) {
    const auto latency = TownLatency("calendar/" + std::to_string(day));
    EXPECT_GE(latency, 100ms);
    EXPECT_LE(latency, 300ms);
  }
}

std::string Part(std::string_view name, std::uint64_t offset, std::size_t size) {
  std::string part(size, '\0');
  FillCourseFile(name, offset, part);
  return part;
}

TEST(CourseFiles, APartIsThatPartOfTheWhole) {
  const std::string whole = Part("music.zip", 0, 100);
  for (std::size_t from = 0; from < 30; ++from) {
    for (std::size_t size = 0; size < 30; ++size) {
      EXPECT_EQ(Part("music.zip", from, size), whole.substr(from, size));
    }
  }
}

TEST(CourseFiles, AnotherNameHasAnotherContent) {
  EXPECT_NE(Part("a", 0, 8), Part("b", 0, 8));
  EXPECT_NE(Part("a", 0, 8), Part("a", 8, 8));
}

// At each rate: never more than the rate allows, and at its end exactly on time.
TEST(CourseFiles, BytesComeAtTheirRate) {
  for (const std::uint64_t rate : {1u, 3u, 10u, 999u, 10'000'000u}) {
    for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{9}, rate + 7}) {
      CourseFile file("a", size, rate);
      std::vector<char> buffer(1 << 20);
      std::chrono::nanoseconds waited{0};
      std::uint64_t sent = 0;
      for (;;) {
        const BodyPiece piece = file.Next(buffer.data(), buffer.size());
        if (piece.kind == BodyPiece::kEnd) break;
        if (piece.kind == BodyPiece::kWait) {
          ASSERT_GT(piece.wait, 0ns) << size << " at " << rate;
          waited += piece.wait;
        } else {
          sent += piece.bytes;
          ASSERT_LE(static_cast<double>(sent),
                    static_cast<double>(waited.count()) * static_cast<double>(rate) / 1e9 + 1);
        }
      }
      EXPECT_EQ(sent, size);
      EXPECT_EQ(waited, std::chrono::nanoseconds(size * 1'000'000'000 / rate));
    }
  }
}

TEST(CourseFiles, NoneIsEmptyButThatOfNoSize) {
  char byte;
  EXPECT_EQ(CourseFile("a", 0, 5).Next(&byte, 1).kind, BodyPiece::kEnd);
  EXPECT_EQ(CourseFile("a", 0, 0).Next(&byte, 1).kind, BodyPiece::kEnd);
}

}  // namespace
}  // namespace interleave
