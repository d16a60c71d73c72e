#include "runtime/engine/source_text.h"

#include <cstdlib>
#include <fstream>

namespace interleave {
namespace {

// The folder in which Bazel's compiler believes to be.
constexpr std::string_view kBazelsFolder = "/proc/self/cwd/";

std::vector<std::string> Candidates(std::string path) {
  if (path.starts_with(kBazelsFolder)) path.erase(0, kBazelsFolder.size());
  std::vector<std::string> candidates = {path};
  if (path.empty() || path[0] == '/') return candidates;
  if (const char* folder = std::getenv("BUILD_WORKSPACE_DIRECTORY")) {
    candidates.push_back(std::string(folder) + "/" + path);
  }
  const char* files = std::getenv("TEST_SRCDIR");
  const char* workspace = std::getenv("TEST_WORKSPACE");
  if (files != nullptr && workspace != nullptr) {
    candidates.push_back(std::string(files) + "/" + workspace + "/" + path);
  }
  return candidates;
}

std::vector<std::string> Read(const std::string& path) {
  std::vector<std::string> lines;
  for (const std::string& candidate : Candidates(path)) {
    std::ifstream file(candidate);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    if (!lines.empty()) break;
  }
  return lines;
}

std::string Trimmed(const std::string& line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
}

}  // namespace

std::string SourceText::Of(const SourceLine& place) {
  if (place.line <= 0 || place.path.empty()) return "";
  const std::vector<std::string>& lines = Lines(place.path);
  const auto index = static_cast<std::size_t>(place.line - 1);
  return index < lines.size() ? Trimmed(lines[index]) : "";
}

const std::vector<std::string>& SourceText::Lines(const std::string& path) {
  auto known = files_.find(path);
  if (known == files_.end()) known = files_.emplace(path, Read(path)).first;
  return known->second;
}

}  // namespace interleave
