// runtime/process/jobs.cc

#include "runtime/process/jobs.h"

#include <cstdlib>
#include <iostream>
#include <unordered_map>

namespace interleave {
namespace {

std::unordered_map<std::string, JobCall>& AllJobs() {
  static auto* const all = new std::unordered_map<std::string, JobCall>;  // for jobs at exit, too
  return *all;
}

}  // namespace

const std::string& RegisterJob(std::string name, JobCall call) {
  const auto [registered, is_new] = AllJobs().try_emplace(std::move(name), call);
  if (!is_new && registered->second != call) {
    std::cerr << "two different jobs have the name " + registered->first + "\n";
    std::abort();
  }
  return registered->first;
}

JobCall FindJob(const std::string& name) {
  const auto found = AllJobs().find(name);
  return found == AllJobs().end() ? nullptr : found->second;
}

// gcc: "... NameOfJob() [with auto function = Square; std::string = ...]"; clang: "[function =
// &Square]".
std::string JobName(std::string_view pretty_function) {
  constexpr std::string_view kBefore = "function = ";
  const std::size_t at = pretty_function.find(kBefore);
  if (at == pretty_function.npos) return std::string(pretty_function);
  std::string_view name = pretty_function.substr(at + kBefore.size());
  name = name.substr(0, name.find_first_of(";]"));
  if (name.starts_with("&")) name.remove_prefix(1);
  return std::string(name);
}

}  // namespace interleave
