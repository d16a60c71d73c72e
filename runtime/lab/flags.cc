// runtime/lab/flags.cc
#include "runtime/lab/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <map>

#include "runtime/lab/page.h"

namespace interleave::lab {
namespace {

struct Description {
  const char* name;   // "--seed"
  const char* value;  // "=N", "[=FILE.svg]", ""
  const char* meaning;
};

constexpr Description kDescriptions[] = {
    {"--scenario", "=NAME", "one scenario by its name or its article's id (S2.07), or all of them"},
    {"--list", "", "the scenarios of this lab"},
    {"--real", "", "real threads and the real clock"},
    {"--explore", "[=WAY]", "a census, of every schedule if that ends soon, or all, distinct,"},
    {"", "", "preempt:N, delay:N (a bound), random:N, pct:N (so many schedules)"},
    {"--memory", "=MODE",
     "what atomic loads may read: sc, the newest value (the default); cpp, what"},
    {"", "", "C++20 allows but load buffering, which cannot run forwards; tso, an x86"},
    {"--schedule", "=1.2.1@24", "replays a schedule that another run printed"},
    {"--seed", "=N", "another schedule, made of random choices from N"},
    {"--speed", "=X", "prints at X times the clock's pace, not at once"},
    {"--time_scale", "=X", "with --real: every sleep lasts X times as long"},
    {"--play", "", "you are the scheduler: it asks who goes on, at every choice"},
    {"--explain", "", "step by step, with the program's lines and what each step waited for"},
    {"--timeline", "[=FILE.svg]", "draws the threads along the clock: as text, or into a picture"},
    {"--sequence", "[=FILE.svg]", "draws who asked whom, time going down; likewise"},
    {"--trace", "=FILE.json", "writes the run for https://ui.perfetto.dev"},
    {"--page", "=FILE.html", "writes the lab as a page for a browser, to step through"},
    {"--repeat", "=N", "runs N times and counts the outcomes (with --seed=S: seeds from S on)"},
    {"--help", "", "this"},
};

constexpr double kLeastFactor = 0.001;  // a thousandth of the pace: an hour for 3.6 s

constexpr const char* kRealIsNotSimulated = "real threads take no orders; only a simulation does";

constexpr const char* kPageIsMadeOfRuns = "a page has the runs and the censuses of the lesson";

[[noreturn]] void Refuse(const std::string& flag, const std::string& value,
                         const std::string& why) {
  throw BadFlag(flag + "=" + value + ": " + why);
}

template <typename Number>
std::optional<Number> ParseNumber(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::int64_t ParseCount(const std::string& flag, const std::string& value) {
  const auto count = ParseNumber<std::int64_t>(value);
  if (!count || *count < 1) {
    Refuse(flag, value, "'" + value + "' is no count; it looks like " + flag + "=1000");
  }
  return *count;
}

double ParseFactor(const std::string& flag, const std::string& value, double most) {
  const auto factor = ParseNumber<double>(value);
  if (!factor || !(*factor >= kLeastFactor) || *factor > most) {
    Refuse(flag, value,
           "wants a number from 0.001 to " + Grouped(std::int64_t(most)) + ", such as " + flag +
               "=0.5");
  }
  return *factor;
}

void CheckFile(const std::string& flag, const std::string& value, const std::string& ending) {
  if (value.size() <= ending.size() || !value.ends_with(ending)) {
    Refuse(flag, value, "wants a file that ends in " + ending);
  }
}

// CLI11 sorts the arguments into flags and values; what the values mean is said below.
std::map<std::string, std::string> Given(const std::vector<std::string>& arguments,
                                         const std::vector<OwnFlag>& own_flags) {
  CLI::App app;
  app.set_help_flag();
  std::map<std::string, std::string> values;
  std::map<std::string, std::string> examples;  // by flag: "--seed=N"
  std::vector<std::pair<std::string, CLI::Option*>> options;
  const auto accept = [&](const std::string& flag, const std::string& value) {
    std::string& slot = values[flag];
    examples[flag] = flag + value;
    CLI::Option* option =
        value.starts_with('=') ? app.add_option(flag, slot) : app.add_flag(flag + "{}", slot);
    options.emplace_back(flag, option);
  };
  for (const auto& [name, value, meaning] : kDescriptions) {
    if (*name != '\0') accept(name, value);
  }
  for (const OwnFlag& flag : own_flags) accept(flag.name, flag.value);
  try {
    // CLI11 takes arguments from the back of the list, and takes them out.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ExtrasError&) {
    const std::vector<std::string> unknown = app.remaining();
    // "--" only ends the flags; what follows is not known either.
    const std::string& first = unknown.front() == "--" ? unknown.back() : unknown.front();
    throw BadFlag((first.empty() ? "''" : first) + ": no such flag; --help lists them");
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string sentence = error.what();  // begins with the flag
    const std::string flag = sentence.substr(0, sentence.find(':'));
    const bool twice = std::count_if(arguments.begin(), arguments.end(), [&](const auto& one) {
                         return one.substr(0, one.find('=')) == flag;
                       }) > 1;
    throw BadFlag(flag + (twice ? ": given twice" : ": wants a value: " + examples[flag]));
  } catch (const CLI::ParseError& error) {
    throw BadFlag(error.what());
  }
  for (const auto& [flag, option] : options) {
    if (option->count() == 0) values.erase(flag);
  }
  return values;
}

bool LeavesSomethingToChance(Strategy strategy) {
  return strategy == Strategy::kRandom || strategy == Strategy::kPct || strategy == Strategy::kAuto;
}

void CheckExclusions(const std::map<std::string, std::string>& given) {
  const auto is_given = [&](std::string_view flag) {
    const std::size_t equals = flag.find('=');
    const auto found = given.find(std::string(flag.substr(0, equals)));
    if (found == given.end()) return false;
    return equals == std::string_view::npos || found->second == flag.substr(equals + 1);
  };
  for (const auto& [first, second, reason] : Exclusions()) {
    if (is_given(first) && is_given(second)) {
      throw BadFlag(std::string(first) + " and " + std::string(second) +
                    " exclude each other: " + std::string(reason));
    }
  }
}

}  // namespace

bool Flags::ConcernsOneScenario() const {
  return explore || memory || schedule || seed || speed || explain || play || timeline ||
         sequence || !trace_file.empty() || repeat;
}

const std::vector<Exclusion>& Exclusions() {
  static const std::vector<Exclusion> exclusions = {
      {"--real", "--schedule", kRealIsNotSimulated},
      {"--real", "--seed", kRealIsNotSimulated},
      {"--real", "--explore", kRealIsNotSimulated},
      {"--real", "--memory", "a real machine has the memory that it has"},
      {"--real", "--speed", "the real clock has a pace of its own; --time_scale shortens sleeps"},
      {"--real", "--explain", "nobody saw the steps; only a simulation knows them"},
      {"--real", "--timeline", "it is drawn from a simulation"},
      {"--real", "--sequence", "it is drawn from a simulation"},
      {"--real", "--trace", "it is written from a simulation"},
      {"--real", "--play", kRealIsNotSimulated},
      {"--explore", "--schedule", "one runs many schedules, the other a single one"},
      {"--explore", "--speed", "a census has no clock"},
      {"--explore", "--explain", "it shows a single run"},
      {"--explore", "--timeline", "it shows a single run"},
      {"--explore", "--sequence", "it shows a single run"},
      {"--explore", "--trace", "it shows a single run"},
      {"--explore", "--play", "in the game e explores what can still come"},
      {"--explore", "--repeat", "--explore=random:N says how many"},
      {"--schedule", "--seed", "a schedule leaves nothing to chance"},
      {"--play", "--seed", "you choose, and nothing is left to chance"},
      {"--play", "--speed", "you say when the next step comes"},
      {"--play", "--explain", "in the game ? explains"},
      {"--play", "--timeline", "it names the schedule in the end, which can be drawn"},
      {"--play", "--sequence", "it names the schedule in the end, which can be drawn"},
      {"--play", "--trace", "it names the schedule in the end, which can be traced"},
      {"--play", "--repeat", "you play one run at a time"},
      {"--page", "--real", kPageIsMadeOfRuns},
      {"--page", "--explore", kPageIsMadeOfRuns},
      {"--page", "--memory", "each scenario of a page has its own"},
      {"--page", "--schedule", kPageIsMadeOfRuns},
      {"--page", "--seed", kPageIsMadeOfRuns},
      {"--page", "--speed", kPageIsMadeOfRuns},
      {"--page", "--explain", kPageIsMadeOfRuns},
      {"--page", "--play", kPageIsMadeOfRuns},
      {"--page", "--timeline", kPageIsMadeOfRuns},
      {"--page", "--sequence", kPageIsMadeOfRuns},
      {"--page", "--trace", kPageIsMadeOfRuns},
      {"--page", "--repeat", kPageIsMadeOfRuns},
      {"--repeat", "--speed", "repeated runs print their outcomes only"},
      {"--repeat", "--explain", "it shows a single run"},
      {"--repeat", "--timeline", "it shows a single run"},
      {"--repeat", "--sequence", "it shows a single run"},
      {"--repeat", "--trace", "it shows a single run"},
      {"--scenario=all", "--schedule", "a schedule belongs to one scenario"},
      {"--scenario=all", "--seed", "name one scenario"},
      {"--scenario=all", "--explore", "name one scenario"},
      {"--scenario=all", "--repeat", "name one scenario"},
      {"--scenario=all", "--memory", "name one scenario"},
      {"--scenario=all", "--speed", "name one scenario"},
      {"--scenario=all", "--explain", "name one scenario"},
      {"--scenario=all", "--play", "name one scenario"},
      {"--scenario=all", "--timeline", "name one scenario"},
      {"--scenario=all", "--sequence", "name one scenario"},
      {"--scenario=all", "--trace", "name one scenario"},
  };
  return exclusions;
}

ExploreOptions ParseStrategy(const std::string& flag, const std::string& text) {
  ExploreOptions options;
  options.strategy = Strategy::kAuto;
  if (text.empty()) return options;
  try {
    SetStrategy(text, options);
  } catch (const std::invalid_argument& error) {
    Refuse(flag, text, error.what());
  }
  return options;
}

Flags ParseFlags(const std::vector<std::string>& arguments, const std::vector<OwnFlag>& own_flags) {
  const std::map<std::string, std::string> given = Given(arguments, own_flags);
  const auto value = [&](const char* flag) -> const std::string* {
    const auto found = given.find(flag);
    return found == given.end() ? nullptr : &found->second;
  };
  Flags flags;
  flags.help = value("--help") != nullptr;
  flags.list = value("--list") != nullptr;
  flags.real = value("--real") != nullptr;
  flags.explain = value("--explain") != nullptr;
  flags.play = value("--play") != nullptr;
  for (const char* flag : {"--help", "--list", "--real", "--explain", "--play"}) {
    if (const auto* text = value(flag); text && !text->empty()) {
      Refuse(flag, *text, "takes no value");
    }
  }
  if (const auto* text = value("--scenario")) flags.scenario = *text;
  if (const auto* text = value("--explore")) flags.explore = ParseStrategy("--explore", *text);
  if (const auto* text = value("--memory")) {
    try {
      flags.memory = ParseMemoryMode(*text);
    } catch (const std::invalid_argument& error) {
      Refuse("--memory", *text, error.what());
    }
  }
  if (const auto* text = value("--schedule")) {
    try {
      CheckSchedule(*text);
    } catch (const std::invalid_argument& error) {
      Refuse("--schedule", *text, error.what());
    }
    flags.schedule = *text;
  }
  if (const auto* text = value("--seed")) {
    flags.seed = ParseNumber<std::uint64_t>(*text);
    if (!flags.seed) Refuse("--seed", *text, "'" + *text + "' is no number from 0 on");
  }
  if (const auto* text = value("--speed")) flags.speed = ParseFactor("--speed", *text, 1e6);
  if (const auto* text = value("--time_scale")) {
    flags.time_scale = ParseFactor("--time_scale", *text, 1000);
    if (!flags.real) throw BadFlag("--time_scale: the virtual clock needs none; add --real");
  }
  if (const auto* text = value("--timeline")) {
    flags.timeline = true;
    flags.timeline_file = *text;
    if (!text->empty()) CheckFile("--timeline", *text, ".svg");
  }
  if (const auto* text = value("--sequence")) {
    flags.sequence = true;
    flags.sequence_file = *text;
    if (!text->empty()) CheckFile("--sequence", *text, ".svg");
  }
  if (const auto* text = value("--trace")) {
    CheckFile("--trace", *text, ".json");
    flags.trace_file = *text;
  }
  if (const auto* text = value("--page")) {
    CheckFile("--page", *text, ".html");
    flags.page_file = *text;
  }
  if (const auto* text = value("--repeat")) flags.repeat = ParseCount("--repeat", *text);
  CheckExclusions(given);
  if (flags.explore && flags.seed) {
    if (!LeavesSomethingToChance(flags.explore->strategy)) {
      throw BadFlag("--seed: --explore=" + *value("--explore") +
                    " leaves nothing to chance; seeds are for random:N and pct:N");
    }
    flags.explore->seed = *flags.seed;
  }
  for (const OwnFlag& own : own_flags) {
    const std::string* text = value(own.name.c_str());
    if (text == nullptr) continue;
    if (own.only_real && !flags.real) {
      throw BadFlag(own.name + ": a simulation has no use for it; add --real");
    }
    try {
      own.take(*text);
    } catch (const std::invalid_argument& error) {
      Refuse(own.name, *text, error.what());
    }
    flags.own += " " + own.name + "=" + *text;
  }
  return flags;
}

std::string FlagsHelp(const std::vector<OwnFlag>& own_flags) {
  std::string help;
  for (const OwnFlag& flag : own_flags) {
    help += "  " + Pad(flag.name + flag.value, 24) + flag.meaning + "\n";
  }
  for (const auto& [name, value, meaning] : kDescriptions) {
    help += "  " + Pad(std::string(name) + value, 24) + meaning + "\n";
  }
  return help;
}

}  // namespace interleave::lab
