// tests/process/serialize_test.cc

#include "runtime/process/serialize.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace interleave {
namespace {

using namespace std::chrono_literals;

struct Order {
  std::string name;
  std::map<std::string, std::vector<double>> prices;
  std::optional<std::chrono::nanoseconds> patience;

  template <typename Archive>
  void serialize(Archive& archive) {
    archive(name, prices, patience);
  }
  friend bool operator==(const Order&, const Order&) = default;
};

struct Closed {
  int value = 0;
};

struct NoDefault {
  explicit NoDefault(int value) : value(value) {}
  int value;
  template <typename Archive>
  void serialize(Archive& archive) {
    archive(value);
  }
};

template <typename T>
T ThereAndBack(const T& value) {
  ByteWriter writer;
  writer(value);
  ByteReader reader(writer.bytes());
  T back{};
  reader(back);
  EXPECT_TRUE(reader.AtEnd());
  return back;
}

TEST(Serialize, ValuesComeBackAsTheyWere) {
  EXPECT_EQ(ThereAndBack(-7), -7);
  EXPECT_EQ(ThereAndBack(std::string("a\0b", 3)), std::string("a\0b", 3));
  EXPECT_EQ(ThereAndBack(std::vector<bool>{true, false, true}),
            (std::vector<bool>{true, false, true}));
  EXPECT_EQ(ThereAndBack(std::tuple(1, 2.5, std::string("three"))),
            std::tuple(1, 2.5, std::string("three")));
  const Order order = {"tea", {{"green", {1.5, 2}}, {"black", {}}}, 3s};
  EXPECT_EQ(ThereAndBack(order), order);
}

TEST(Serialize, BytesThatEndTooEarlyAreAnError) {
  ByteWriter writer;
  writer(std::string("hello"));
  ByteReader reader(std::string_view(writer.bytes()).substr(0, 10));
  std::string text;
  EXPECT_THROW(reader(text), cereal::Exception);
  EXPECT_THROW(reader.TakeDescriptor(), cereal::Exception);
}

enum class Colour { kRed, kBlue };

static_assert(Serializable<int> && Serializable<std::string> && Serializable<Order>);
static_assert(Serializable<std::vector<std::vector<int>>> && Serializable<Colour>);
static_assert(!Serializable<int*> && !Serializable<const char*> && !Serializable<int&>);
static_assert(!Serializable<Closed> && !Serializable<NoDefault>);
static_assert(!Serializable<std::mutex> && !Serializable<std::thread>);
static_assert(!Serializable<std::string_view>);
static_assert(Serializable<std::map<std::string, std::tuple<int, std::optional<Order>>>>);
static_assert(!Serializable<std::vector<Closed>> && !Serializable<std::map<int, std::mutex>>);
static_assert(!Serializable<std::optional<std::tuple<int, int*>>>);

}  // namespace
}  // namespace interleave
