// runtime/net/course_characters.cc

#include "runtime/net/course_characters.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "runtime/net/scatter.h"

namespace interleave {
namespace {

constexpr std::array kFirstNames = {
    "Ada",   "Bruno", "Ines",  "Tomas",  "Wanda", "Oskar", "Lena",   "Pablo",  "Mira",  "Edgar",
    "Selma", "Hugo",  "Nadia", "Viktor", "Clara", "Anton", "Rosa",   "Felix",  "Ida",   "Marek",
    "Tilda", "Jonas", "Greta", "Levin",  "Paula", "Simon", "Hedwig", "Kaspar", "Olivia"};
constexpr std::array kLastNames = {"Latch",   "Quill",   "Ferry",   "Ledger",  "Harbour", "Spindle",
                                   "Kettle",  "Marsh",   "Lantern", "Pebble",  "Thimble", "Anchor",
                                   "Barrow",  "Cinder",  "Doublet", "Feather", "Gable",   "Hazel",
                                   "Inkwell", "Juniper", "Keel",    "Meadow",  "Needle"};
constexpr std::array kSpecies = {"Human", "Human", "Human", "Robot", "Heron", "Cloud"};
constexpr std::array kStatus = {"Alive", "Alive", "Dead", "unknown"};
constexpr std::array kGender = {"Female", "Male", "Genderless", "unknown"};
constexpr std::array kPlaces = {"Harbour Town", "the Night Ferry", "Lighthouse Six",
                                "the Old Exchange", "Upper Deck"};

template <std::size_t N>
const char* Pick(const std::array<const char*, N>& list, std::uint64_t number) {
  return list[number % N];
}

nlohmann::ordered_json Place(std::uint64_t number) {
  return {{"name", Pick(kPlaces, number)},
          {"url", "/api/location/" + std::to_string(number % kPlaces.size() + 1)}};
}

}  // namespace

nlohmann::ordered_json CharacterJson(int id) {
  const std::uint64_t n = Scatter(static_cast<std::uint64_t>(id));
  // 29 and 23 have no common factor: all pairs come before one comes again, after 667.
  const std::string name = std::string(Pick(kFirstNames, static_cast<std::uint64_t>(id - 1))) +
                           " " + Pick(kLastNames, static_cast<std::uint64_t>(id - 1)) +
                           (id > 667 ? " II" : "");
  nlohmann::ordered_json episodes = nlohmann::ordered_json::array();
  for (std::uint64_t i = 0; i <= n / 7 % 4; ++i) {
    episodes.push_back("/api/episode/" + std::to_string(n / 11 % 40 + i + 1));
  }
  return {{"id", id},
          {"name", name},
          {"status", Pick(kStatus, n)},
          {"species", Pick(kSpecies, n / 3)},
          {"type", ""},
          {"gender", Pick(kGender, n / 5)},
          {"origin", Place(n / 13)},
          {"location", Place(n / 17)},
          {"image", "/api/character/avatar/" + std::to_string(id) + ".jpeg"},
          {"episode", episodes},
          {"url", "/api/character/" + std::to_string(id)}};
}

std::chrono::nanoseconds CharacterLatency(int id) {
  using std::chrono::milliseconds;
  // Asked together, the first ten answer in the order of the article's picture: 3, 9, 1, 10, 4, 8,
  // 2, 6, 7, 5.
  constexpr std::array kFirstTen = {117, 183, 84, 150, 248, 201, 224, 166, 101, 133};
  if (id >= 1 && id <= 10) return milliseconds(kFirstTen[static_cast<std::size_t>(id - 1)]);
  return milliseconds(80 + Scatter(static_cast<std::uint64_t>(id)) % 171);
}

}  // namespace interleave
