// runtime/lab/flags.h
//
// The flags that every lab understands; docs/flags.md is the table for readers, and a test holds
// the two together. A flag that takes a value optionally (--explore, --timeline, --sequence) takes
// it after '=' only, so that it never swallows the next argument.
//
// Bad input is answered by one sentence that names the value and says what would be accepted:
//
//   --schedule=1.2.x: 'x' is no thread number; a schedule looks like 1.2.1@24
//
// A program may have flags of its own besides (Lab::Flag), which always have a value.
#ifndef INTERLEAVE_RUNTIME_LAB_FLAGS_H_
#define INTERLEAVE_RUNTIME_LAB_FLAGS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave::lab {

struct Flags {
  bool help = false;
  bool list = false;
  bool real = false;
  std::string scenario;  // "": the lesson, or the first one
  std::optional<ExploreOptions> explore;
  std::optional<MemoryMode> memory;
  std::optional<std::string> schedule;
  std::optional<std::uint64_t> seed;
  std::optional<double> speed;
  double time_scale = 1.0;
  bool explain = false;
  bool play = false;
  bool timeline = false;
  std::string timeline_file;  // "": as text
  bool sequence = false;
  std::string sequence_file;  // "": as text
  std::string trace_file;
  std::string page_file;
  std::optional<std::int64_t> repeat;
  std::string own;  // those of the program's own that were given: " --base_url=http://..."

  // True for a run of one scenario in a way of the user's own.
  bool ConcernsOneScenario() const;
};

// Something in the arguments cannot be done; what() is the sentence, without the program's name.
class BadFlag : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws std::invalid_argument with what would be accepted instead.
using TakeValue = std::function<void(const std::string& value)>;

struct OwnFlag {
  std::string name;   // "--base_url"
  std::string value;  // "=URL", as --help shows it
  std::string meaning;
  TakeValue take;
  bool only_real = false;  // refused without --real
};

// Calls `take` of each own flag that is given, last of all. Throws BadFlag.
Flags ParseFlags(const std::vector<std::string>& arguments,
                 const std::vector<OwnFlag>& own_flags = {});

// Two flags that exclude each other, and why. `first` may be "--scenario=all".
struct Exclusion {
  std::string_view first, second;
  std::string_view reason;
};
const std::vector<Exclusion>& Exclusions();

// What --help prints below the lab's title.
std::string FlagsHelp(const std::vector<OwnFlag>& own_flags = {});

// "all" or "random:1000", as --explore has it; "" leaves the choice to the engine. Throws BadFlag
// naming `flag`.
ExploreOptions ParseStrategy(const std::string& flag, const std::string& text);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_FLAGS_H_
