// runtime/lab/machine.cc
#include "runtime/lab/machine.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace interleave {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kKiB = 1024;

// Nothing for "max" and for a file that is not there.
std::optional<std::int64_t> Number(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> NumberIn(const fs::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  return Number(word);
}

// The number after `name` in a file of lines like "MemAvailable:   1234 kB".
std::optional<std::int64_t> NumberAfter(const fs::path& file, const std::string& name) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(name)) continue;
    std::istringstream words(line.substr(name.size()));
    std::string word;
    words >> word;
    return Number(word);
  }
  return std::nullopt;
}

// The folders of the control groups that this process is in, the innermost first. Version 1 has a
// tree for each controller, version 2 one for all.
std::vector<fs::path> ControlGroups(const fs::path& root, const std::string& controller) {
  std::vector<fs::path> folders;
  std::ifstream stream(root / "proc/self/cgroup");
  for (std::string line; std::getline(stream, line);) {  // "8:pids:/a/b", "0::/a/b"
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (controllers != "" && controllers != controller) continue;
    const fs::path tree = root / "sys/fs/cgroup" / controllers;
    for (fs::path group = line.substr(second + 1);; group = group.parent_path()) {
      folders.push_back(tree / group.relative_path());
      if (!group.has_relative_path()) break;
    }
  }
  return folders;
}

}  // namespace

Machine::Limit Machine::TaskLimit() const {
  Limit least{kNoLimit, "none"};
  const auto consider = [&](std::optional<std::int64_t> count, const std::string& name) {
    if (count && *count < least.count) least = {*count, name};
  };
  consider(NumberAfter(root_ / "proc/self/limits", "Max processes"), "RLIMIT_NPROC");
  for (const char* name : {"threads-max", "pid_max"}) {
    consider(NumberIn(root_ / "proc/sys/kernel" / name), std::string("kernel.") + name);
  }
  for (const fs::path& group : ControlGroups(root_, "pids")) {
    if (const auto most = NumberIn(group / "pids.max")) {
      consider(*most - NumberIn(group / "pids.current").value_or(0), "pids.max");
    }
  }
  return least;
}

std::int64_t Machine::AvailableMemory() const {
  std::int64_t bytes = NumberAfter(root_ / "proc/meminfo", "MemAvailable:").value_or(0) * kKiB;
  struct Names {  // of the files of version 2 and version 1
    const char *most, *used, *cached;
  };
  for (const Names& names :
       {Names{"memory.max", "memory.current", "inactive_file"},
        Names{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}}) {
    for (const fs::path& group : ControlGroups(root_, "memory")) {
      const auto most = NumberIn(group / names.most);
      if (!most) continue;
      // What was read from files and is not used can be dropped.
      const std::int64_t cached = NumberAfter(group / "memory.stat", names.cached).value_or(0);
      const std::int64_t used = NumberIn(group / names.used).value_or(0) - cached;
      bytes = std::min(bytes, *most - used);
    }
  }
  return std::max<std::int64_t>(bytes, 0);
}

std::int64_t Machine::HowManyFit(std::int64_t wanted, std::int64_t bytes_each,
                                 bool as_tasks) const {
  std::int64_t count = std::min(wanted, AvailableMemory() / 2 / bytes_each);
  if (as_tasks) count = std::min(count, TaskLimit().count / 4);
  return std::max<std::int64_t>(count, 1);
}

std::int64_t Machine::Rollup(pid_t process, const std::string& field) const {
  const std::string name = process == 0 ? "self" : std::to_string(process);
  const auto kib = NumberAfter(root_ / "proc" / name / "smaps_rollup", field);
  if (!kib) {
    throw std::runtime_error("the kernel does not tell the memory of process " + name + " (/proc/" +
                             name + "/smaps_rollup)");
  }
  return *kib * kKiB;
}

std::int64_t Machine::ResidentMemory(pid_t process) const { return Rollup(process, "Rss:"); }

std::int64_t Machine::ProportionalMemory(pid_t process) const { return Rollup(process, "Pss:"); }

}  // namespace interleave
