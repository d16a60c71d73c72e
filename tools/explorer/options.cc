#include "tools/explorer/options.h"

#include <charconv>
#include <string_view>

namespace interleave::tool {

const char kHelp[] =
    R"(Runs a C or C++ program under every schedule, or as many as there is time for.

  tools/interleave [flags] FILE... [-- compiler flags] [--args arguments of the program]

  tools/interleave counter.cc
  tools/interleave server.cc pool.cc -- -O2 -Iinclude -lz --args 3 fast

A failed assert, an exit status other than 0, a crash, a deadlock, a livelock or an exception that
nobody catches is a failure; with --races a data race too.

What to look at
  --explore=WAY       all         every schedule
                      distinct    one of each class of schedules that differ in nothing
                      preempt:N   every schedule with at most N preemptions
                      delay:N     every schedule with at most N delays
                      random:N    N random ones
                      pct:N       N with random priorities
                      Without it: all if there are few, otherwise several of these in turn.
  --memory=MODE       what atomic loads may read: sc, the newest value (without it); cpp, what C++20
                      allows, but for load buffering; tso, what an x86 does
  --seed=N            other random ones
  --max_schedules=N   stop after so many
  --max_time=TIME     stop after 10s, 500ms, 2m of real time (without it: 10s)
  --first             stop at the first failure
  --jobs=N            processes at the same time; only random:N and pct:N can be divided
  --schedule=TEXT     replay one, with the program's output
  --races             a data race is a failure

What to build
  --compiler=NAME     g++ (without it), clang++-16, ...
  --keep=FILE         keep the built program; it takes the flags above itself

  --json              for machines
  --help              this text

Exit status: 0 no failure was found, 1 one was, 2 it could not be built or used, 130 Ctrl-C.
)";

namespace {

[[noreturn]] void Reject(const std::string& flag, std::string_view value,
                         const std::string& accepted) {
  throw UsageError(flag + "=" + std::string(value) + ": " + accepted);
}

template <typename Number>
Number ParseNumber(const std::string& flag, std::string_view value, Number least,
                   const std::string& accepted) {
  Number number{};
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < least) {
    Reject(flag, value, accepted);
  }
  return number;
}

std::chrono::nanoseconds ParseTime(const std::string& flag, std::string_view value) {
  const std::string accepted = "a time is a number and its unit, as in 10s, 500ms or 2m";
  std::size_t unit_at = value.find_first_not_of("0123456789");
  std::string_view unit = unit_at == std::string_view::npos ? "" : value.substr(unit_at);
  std::int64_t milliseconds = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : 0;
  if (milliseconds == 0) Reject(flag, value, accepted);
  auto number = ParseNumber<std::int64_t>(flag, value.substr(0, unit_at), 1, accepted);
  if (number > 1'000'000'000 / milliseconds) Reject(flag, value, "that is longer than 11 days");
  return std::chrono::milliseconds(number * milliseconds);
}

void ParseWay(std::string_view value, ExploreOptions& options) {
  try {
    SetStrategy(value, options);
  } catch (const std::invalid_argument& error) {
    Reject("--explore", value, error.what());
  }
}

// True if `argument` was a flag of running.
bool ParseRunFlag(const std::string& argument, Options& options) {
  const std::size_t equals = argument.find('=');
  const std::string flag = argument.substr(0, equals);
  const bool has_value = equals != std::string::npos;
  const std::string value = has_value ? argument.substr(equals + 1) : "";
  const auto is = [&](const char* name, bool with_value) {
    if (flag != name) return false;
    if (with_value && !has_value) throw UsageError(flag + " needs a value, as in " + flag + "=...");
    if (!with_value && has_value) throw UsageError(argument + ": " + flag + " takes no value");
    return true;
  };
  if (is("--explore", true)) {
    ParseWay(value, options.explore);
  } else if (is("--memory", true)) {
    try {
      options.explore.memory = ParseMemoryMode(value);
    } catch (const std::invalid_argument& error) {
      Reject(flag, value, error.what());
    }
  } else if (is("--seed", true)) {
    options.explore.seed = ParseNumber<std::uint64_t>(flag, value, 0, "a seed is a number from 0");
  } else if (is("--max_schedules", true)) {
    options.explore.max_runs =
        ParseNumber<std::int64_t>(flag, value, 1, "how many schedules is a number from 1");
  } else if (is("--max_time", true)) {
    options.explore.max_time = ParseTime(flag, value);
  } else if (is("--jobs", true)) {
    options.jobs = ParseNumber<int>(flag, value, 1, "how many processes is a number from 1");
    if (options.jobs > 1024) Reject(flag, value, "1024 processes at most");
  } else if (is("--schedule", true)) {
    options.schedule = value;
    options.replay = true;
    try {
      CheckSchedule(value);
    } catch (const std::invalid_argument& error) {
      Reject(flag, value, error.what());
    }
  } else if (is("--races", false)) {
    options.races_fail = true;
  } else if (is("--first", false)) {
    options.stop_at_failure = true;
  } else if (is("--json", false)) {
    options.json = true;
  } else if (is("--name", true)) {
    options.name = value;
  } else if (is("--again", true)) {
    options.again = value;
  } else if (is("--again_end", true)) {
    options.again_end = value;
  } else {
    return false;
  }
  options.run_flags.push_back(argument);
  return true;
}

void ParseBuildFlag(const std::string& argument, Options& options) {
  const auto starts = [&](const char* flag) { return argument.rfind(flag, 0) == 0; };
  if (argument == "--help" || argument == "-h") {
    options.help = true;
  } else if (starts("--compiler=")) {
    options.compiler = argument.substr(argument.find('=') + 1);
  } else if (starts("--keep=") && argument.size() > 7) {
    options.keep = argument.substr(argument.find('=') + 1);
  } else if (starts("-")) {
    throw UsageError(argument + ": there is no such flag here (--help lists them); flags of the " +
                     "compiler stand behind --, arguments of the program behind --args");
  } else {
    options.files.push_back(argument);
  }
}

}  // namespace

Options ParseOptions(const std::vector<std::string>& arguments) {
  Options options;
  options.explore.strategy = Strategy::kAuto;
  options.explore.max_time = std::chrono::seconds(10);
  enum { kOurs, kCompilers, kPrograms } whose = kOurs;
  for (const std::string& argument : arguments) {
    if (whose == kPrograms) {
      options.program_arguments.push_back(argument);
    } else if (argument == "--args") {
      whose = kPrograms;
    } else if (whose == kCompilers) {
      options.compiler_flags.push_back(argument);
    } else if (argument == "--") {
      whose = kCompilers;
    } else if (!ParseRunFlag(argument, options)) {
      ParseBuildFlag(argument, options);
    }
  }
  if (options.explore.strategy == Strategy::kDistinct &&
      options.explore.memory != MemoryMode::kSc) {
    throw UsageError(
        "--explore=distinct: it takes for granted that a load reads the newest value; "
        "with --memory=" +
        MemoryModeName(options.explore.memory) + " use --explore=all");
  }
  return options;
}

}  // namespace interleave::tool
