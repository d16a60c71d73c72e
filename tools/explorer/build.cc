#include "tools/explorer/build.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace interleave::tool {
namespace {

using Words = std::vector<std::string>;

constexpr std::array kCpp = {".cc", ".cpp", ".cxx", ".c++", ".C", ".cp", ".CPP"};
constexpr std::array kLinked = {".o", ".a", ".so"};

template <typename Endings>
bool EndsWithOneOf(const Endings& endings, std::string_view file) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return file.ends_with(ending); });
}

// What gcc at -O1 and above would merge: two loads of a variable, two stores to it, a store and a
// load behind it. Each pass that does so is turned off; tests/tool counts what is left.
const Words kGcc = {
    "-Wno-tsan", "--param=tsan-instrument-func-entry-exit=0", "-fno-tree-fre", "-fno-tree-pre",
    "-fno-tree-dse", "-fno-dse", "-fno-tree-dominator-opts", "-fno-code-hoisting",
    "-fno-tree-loop-im", "-fno-tree-loop-distribute-patterns", "-fno-store-merging",
    "-fno-tree-vectorize", "-fno-tree-sink", "-fno-tree-forwprop",
    // And these it would expand in place, where no hook sees them.
    "-fno-builtin-memcpy", "-fno-builtin-memmove", "-fno-builtin-memset", "-fno-builtin-strcpy",
    "-fno-builtin-strncpy", "-fno-builtin-strcat", "-fno-builtin-strncat"};

// clang leaves out a read that a write of the same variable follows. What it merges at -O1 and
// above cannot be taken apart again, so -O0 is what it is called with. Without the table that gcc
// writes by itself libdw does not find the unit that an address is in; and what members of a class
// of the standard library are is left to the library's own debug information, which is not there.
const Words kClang = {"-Qunused-arguments",
                      "-mllvm",
                      "-tsan-instrument-read-before-write=1",
                      "-mllvm",
                      "-tsan-instrument-func-entry-exit=0",
                      "-gdwarf-aranges",
                      "-fstandalone-debug"};

const Words kBoth = {"-fsanitize=thread", "-g",       "-fno-omit-frame-pointer",
                     "-fno-finite-loops", "-fno-lto", "-fno-optimize-sibling-calls"};

void Append(Words& words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
}

// "clang++-16" -> "clang-16", "g++" -> "gcc".
std::string CCompilerOf(std::string compiler) {
  std::size_t at = compiler.rfind("clang++");
  if (at != std::string::npos) return compiler.replace(at, 7, "clang");
  at = compiler.rfind("g++");
  if (at != std::string::npos) return compiler.replace(at, 3, "gcc");
  return compiler;
}

void Refuse(const Words& flags) {
  for (const std::string& flag : flags) {
    if (flag.rfind("-fsanitize=", 0) == 0) {
      throw UsageError(flag + ": the memory hooks leave no room for a sanitizer; leave it out");
    }
    if (flag == "-static") {
      throw UsageError("-static: the engine stands between the program and a shared C library");
    }
  }
}

}  // namespace

std::vector<Words> BuildCommands(const Options& options, const std::string& engine,
                                 const std::string& folder, const std::string& program) {
  Refuse(options.compiler_flags);
  const std::string cpp = options.compiler.empty() ? "g++" : options.compiler;
  const bool clang = cpp.find("clang") != std::string::npos;
  const std::string header =
      std::filesystem::path(engine).replace_filename("memory_calls.h").string();
  std::vector<Words> commands;
  Words objects;
  for (const std::string& file : options.files) {
    const bool is_c = file.ends_with(".c");
    if (!is_c && !EndsWithOneOf(kCpp, file)) {
      if (!EndsWithOneOf(kLinked, file)) {
        throw UsageError(file + ": not a C or C++ file by its name (.c, .cc, .cpp, .cxx, .o, .a)");
      }
      objects.push_back(file);
      continue;
    }
    if (access(file.c_str(), R_OK) != 0) throw UsageError(file + ": no such file, or not readable");
    const std::string object = folder + "/" + std::to_string(objects.size()) + ".o";
    Words command = {is_c ? CCompilerOf(cpp) : cpp};
    if (!is_c) command.push_back("-std=gnu++20");
    command.push_back(clang ? "-O0" : "-Og");
    Append(command, options.compiler_flags);
    Append(command, kBoth);
    Append(command, clang ? kClang : kGcc);
    Append(command, {"-include", header, "-c", file, "-o", object});
    commands.push_back(command);
    objects.push_back(object);
  }
  // The engine comes first: what it sets up is there before the program's globals, and after them.
  Words link = {cpp, engine};
  Append(link, objects);
  Append(link, options.compiler_flags);
  Append(link, {"-fno-lto", "-ldw", "-pthread", "-Wl,-z,now", "-o", program});
  commands.push_back(link);
  return commands;
}

}  // namespace interleave::tool
