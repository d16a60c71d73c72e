// tests/lab/flags_test.cc
#include "runtime/lab/flags.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace interleave::lab {
namespace {

// The sentence that refuses the arguments; "" if they are accepted.
std::string Refusal(const std::vector<std::string>& arguments) {
  try {
    ParseFlags(arguments);
    return "";
  } catch (const BadFlag& bad) {
    return bad.what();
  }
}

TEST(Flags, WithoutAnyEverythingIsOff) {
  const Flags flags = ParseFlags({});
  EXPECT_FALSE(flags.real);
  EXPECT_FALSE(flags.ConcernsOneScenario());
  EXPECT_EQ(flags.scenario, "");
}

TEST(Flags, AreRead) {
  const Flags flags = ParseFlags({"--scenario=S2.07", "--seed=7", "--speed=0.5", "--timeline"});
  EXPECT_EQ(flags.scenario, "S2.07");
  EXPECT_EQ(flags.seed, 7u);
  EXPECT_EQ(flags.speed, 0.5);
  EXPECT_TRUE(flags.timeline);
  EXPECT_EQ(flags.timeline_file, "");
}

TEST(Flags, ExploreTakesAWayToExplore) {
  EXPECT_EQ(ParseFlags({"--explore=all"}).explore->strategy, Strategy::kAll);
  EXPECT_EQ(ParseFlags({"--explore=distinct"}).explore->strategy, Strategy::kDistinct);
  EXPECT_EQ(ParseFlags({"--explore"}).explore->strategy, Strategy::kAuto);
  const Flags random = ParseFlags({"--explore=random:1000", "--seed=3"});
  EXPECT_EQ(random.explore->strategy, Strategy::kRandom);
  EXPECT_EQ(random.explore->max_runs, 1000);
  EXPECT_EQ(random.explore->seed, 3u);
  const Flags delays = ParseFlags({"--explore=delay:0"});
  EXPECT_EQ(delays.explore->strategy, Strategy::kDelays);
  EXPECT_EQ(delays.explore->bound, 0);
}

TEST(Flags, TimelineDoesNotSwallowTheNextArgument) {
  const Flags flags = ParseFlags({"--timeline", "--scenario", "unlocked"});
  EXPECT_TRUE(flags.timeline);
  EXPECT_EQ(flags.scenario, "unlocked");
  EXPECT_EQ(Refusal({"--timeline", "out.svg"}), "out.svg: no such flag; --help lists them");
  EXPECT_EQ(ParseFlags({"--timeline=out.svg"}).timeline_file, "out.svg");
}

TEST(Flags, ARefusalNamesTheValueAndWhatWouldBeAccepted) {
  EXPECT_EQ(Refusal({"--colour"}), "--colour: no such flag; --help lists them");
  EXPECT_EQ(Refusal({"--", "more"}), "more: no such flag; --help lists them");
  EXPECT_EQ(Refusal({""}), "'': no such flag; --help lists them");
  EXPECT_EQ(Refusal({"--explore=everything"}),
            "--explore=everything: accepted are all, distinct, preempt:N, delay:N, random:N and "
            "pct:N");
  EXPECT_EQ(Refusal({"--explore=random:x"}),
            "--explore=random:x: behind the colon stands how many schedules to run, from 1 on");
  EXPECT_EQ(Refusal({"--explore=delay"}),
            "--explore=delay: behind the colon stands a bound from 0 on");
  EXPECT_EQ(Refusal({"--explore=distinct", "--seed=2"}),
            "--seed: --explore=distinct leaves nothing to chance; seeds are for random:N and "
            "pct:N");
  EXPECT_EQ(Refusal({"--memory=weak"}),
            "--memory=weak: accepted are sc (the newest value always), cpp (what C++20 allows) and "
            "tso (what x86 does)");
  EXPECT_EQ(Refusal({"--seed=-1"}), "--seed=-1: '-1' is no number from 0 on");
  EXPECT_EQ(Refusal({"--repeat=0"}), "--repeat=0: '0' is no count; it looks like --repeat=1000");
  EXPECT_EQ(Refusal({"--speed=0"}),
            "--speed=0: wants a number from 0.001 to 1,000,000, such as --speed=0.5");
  for (const char* text : {"nan", "inf", "-1", "1e-300", "1e7", "fast"}) {
    EXPECT_NE(Refusal({std::string("--speed=") + text}), "") << text;
    EXPECT_NE(Refusal({"--real", std::string("--time_scale=") + text}), "") << text;
  }
  EXPECT_EQ(Refusal({"--timeline=out.png"}), "--timeline=out.png: wants a file that ends in .svg");
  EXPECT_EQ(Refusal({"--trace=out"}), "--trace=out: wants a file that ends in .json");
  EXPECT_EQ(Refusal({"--page=out"}), "--page=out: wants a file that ends in .html");
  EXPECT_EQ(Refusal({"--real=yes"}), "--real=yes: takes no value");
  EXPECT_EQ(Refusal({"--time_scale=0.01"}),
            "--time_scale: the virtual clock needs none; add --real");
  EXPECT_EQ(Refusal({"--seed=1", "--explore=all"}),
            "--seed: --explore=all leaves nothing to chance; seeds are for random:N and pct:N");
  EXPECT_TRUE(Refusal({"--schedule=1.2.x"}).starts_with("--schedule=1.2.x: "));
}

TEST(Flags, AMissingOrDoubleValueIsRefused) {
  EXPECT_EQ(Refusal({"--seed"}), "--seed: wants a value: --seed=N");
  EXPECT_EQ(Refusal({"--seed=1", "--seed=2"}), "--seed: given twice");
  EXPECT_EQ(Refusal({"--scenario="}), "--scenario: wants a value: --scenario=NAME");
}

// An argument list that gives `flag` a good value.
std::string Example(std::string flag) {
  static const std::map<std::string, std::string> values = {
      {"--schedule", "=1.2.1@24"}, {"--seed", "=1"},       {"--explore", "=random:10"},
      {"--speed", "=1"},           {"--trace", "=t.json"}, {"--repeat", "=2"},
      {"--page", "=t.html"},       {"--scenario", "=one"}, {"--time_scale", "=1"},
      {"--memory", "=cpp"}};
  const auto found = values.find(flag);
  return found == values.end() ? flag : flag + found->second;
}

TEST(Flags, EveryExclusionIsRefusedInBothOrders) {
  for (const auto& [first, second, reason] : Exclusions()) {
    const std::string one = Example(std::string(first)), two = Example(std::string(second));
    const std::string sentence = std::string(first) + " and " + std::string(second) +
                                 " exclude each other: " + std::string(reason);
    EXPECT_EQ(Refusal({one, two}), sentence);
    EXPECT_EQ(Refusal({two, one}), sentence);
  }
}

std::set<std::string> FlagsIn(const std::string& text) {
  static const std::regex flag("`(--[a-z_]+(=all)?)[^`]*`");
  std::set<std::string> flags;
  for (std::sregex_iterator it(text.begin(), text.end(), flag), end; it != end; ++it) {
    // Of values only --scenario=all is a row of its own.
    const std::string name = (*it)[1];
    flags.insert(name == "--explore=all" ? "--explore" : name);
  }
  return flags;
}

TEST(Flags, TheTableInTheDocumentationIsTheTruth) {
  std::set<std::pair<std::string, std::string>> in_code;
  for (const auto& [first, second, reason] : Exclusions()) {
    in_code.emplace(first, second);
    in_code.emplace(second, first);
  }
  std::set<std::pair<std::string, std::string>> in_document;
  std::set<std::string> documented;
  // Following this link leads to the top of the tree.
  std::ifstream document(std::filesystem::canonical("WORKSPACE").parent_path() / "docs/flags.md");
  ASSERT_TRUE(document) << "docs/flags.md is missing";
  static const std::regex row(R"(\| (`--.*) \| .* \| (.*) \|)");
  for (std::string line; std::getline(document, line);) {
    std::smatch cells;
    if (!std::regex_match(line, cells, row)) continue;
    const std::set<std::string> names = FlagsIn(cells[1]);
    ASSERT_FALSE(names.empty()) << line;
    documented.insert(names.begin(), names.end());
    for (const std::string& other : FlagsIn(cells[2])) in_document.emplace(*names.begin(), other);
  }
  EXPECT_EQ(in_document, in_code);

  const std::string help = FlagsHelp();
  static const std::regex flag("--[a-z_]+(?=[ =\\[])");
  for (std::sregex_iterator it(help.begin(), help.end(), flag), end; it != end; ++it) {
    EXPECT_TRUE(documented.contains(it->str())) << it->str() << " is not in docs/flags.md";
  }
}

// A flag of a program's own that takes even numbers.
OwnFlag Even(std::string* given) {
  return {"--even", "=N", "an even number", [given](const std::string& value) {
            if (value.find_last_of("02468") != value.size() - 1) {
              throw std::invalid_argument("'" + value + "' is not even");
            }
            *given = value;
          }};
}

TEST(Flags, AProgramsOwnAreTakenBesideTheOthers) {
  std::string even;
  const Flags flags = ParseFlags({"--even=42", "--real"}, {Even(&even)});
  EXPECT_EQ(even, "42");
  EXPECT_TRUE(flags.real);
  EXPECT_EQ(flags.own, " --even=42");  // as the command that shows the run again has it
  even.clear();
  EXPECT_EQ(ParseFlags({}, {Even(&even)}).own, "");
  EXPECT_EQ(even, "");
  EXPECT_TRUE(FlagsHelp({Even(&even)}).starts_with("  --even=N                an even number\n"));
}

TEST(Flags, AProgramsOwnAreRefusedLikeTheOthers) {
  std::string even;
  const auto refusal = [&](const std::vector<std::string>& arguments) -> std::string {
    try {
      ParseFlags(arguments, {Even(&even)});
      return "";
    } catch (const BadFlag& bad) {
      return bad.what();
    }
  };
  EXPECT_EQ(refusal({"--even=7"}), "--even=7: '7' is not even");
  EXPECT_EQ(refusal({"--even"}), "--even: wants a value: --even=N");
  EXPECT_EQ(refusal({"--even=2", "--even=4"}), "--even: given twice");
  EXPECT_EQ(refusal({"--odd=7"}), "--odd=7: no such flag; --help lists them");
  EXPECT_EQ(even, "");
}

TEST(Flags, AProgramsOwnMayBeForRunsForRealOnly) {
  OwnFlag server{"--server", "=URL", "whom to ask", [](const std::string&) {}, /*only_real=*/true};
  EXPECT_EQ(ParseFlags({"--server=x", "--real"}, {server}).own, " --server=x");
  try {
    ParseFlags({"--server=x"}, {server});
    ADD_FAILURE() << "accepted";
  } catch (const BadFlag& bad) {
    EXPECT_STREQ(bad.what(), "--server: a simulation has no use for it; add --real");
  }
}

TEST(Flags, TheHelpFitsThePage) {
  std::istringstream help(FlagsHelp());
  for (std::string line; std::getline(help, line);) EXPECT_LE(line.size(), 100u) << line;
}

}  // namespace
}  // namespace interleave::lab
