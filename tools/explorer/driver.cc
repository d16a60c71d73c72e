// Compiles what it is given together with the engine and runs it. tools/interleave starts it, when
// it has seen to it that this program and the engine's object file are built.
//
//   INTERLEAVE_ENGINE   the object file; memory_calls.h is in the same folder
//   INTERLEAVE_COMMAND  what the user called, for the command that replays a schedule
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/explorer/build.h"
#include "tools/explorer/options.h"

namespace interleave::tool {
namespace {

constexpr int kUnusable = 2;

volatile sig_atomic_t child = 0;
volatile sig_atomic_t stopped_by = 0;

// Whoever is running ends first; then this program clears up and ends as well.
void OnSignal(int signal) {
  stopped_by = signal;
  if (child > 0) kill(child, signal);
}

// The built program and its objects; gone when this is.
class Folder {
 public:
  Folder() {
    const char* parent = std::getenv("TMPDIR");
    path_ =
        std::string(parent != nullptr && *parent != '\0' ? parent : "/tmp") + "/interleave.XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) {
      throw UsageError(path_ + ": cannot be created (" + std::strerror(errno) +
                       "); TMPDIR may name another folder");
    }
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& Path() const { return path_; }

 private:
  std::string path_;
};

// The status as a shell has it.
int Run(const std::vector<std::string>& command) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t pid = 0;
  int error = posix_spawnp(&pid, words[0], nullptr, nullptr, words.data(), environ);
  if (error != 0) {
    throw UsageError(command[0] + ": cannot be started (" + std::strerror(error) +
                     "); --compiler=g++ or --compiler=clang++-16 would be another compiler");
  }
  child = pid;
  if (stopped_by != 0) kill(pid, stopped_by);  // it came before `child` was known
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  child = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// As a shell wants it.
std::string Quoted(const std::string& word) {
  constexpr const char* kHarmless =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%^";
  if (!word.empty() && word.find_first_not_of(kHarmless) == std::string::npos) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string Environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

int Main(const std::vector<std::string>& arguments) {
  const Options options = ParseOptions(arguments);
  if (options.help) {
    std::fputs(kHelp, stdout);
    return 0;
  }
  if (options.files.empty()) {
    throw UsageError("no file given; tools/interleave counter.cc explores one, --help says more");
  }

  const Folder folder;
  const std::string engine = Environment("INTERLEAVE_ENGINE", "interleave_engine.o");
  const std::string program = options.keep.empty() ? folder.Path() + "/program" : options.keep;
  for (const auto& command : BuildCommands(options, engine, folder.Path(), program)) {
    if (Run(command) != 0 || stopped_by != 0) return stopped_by != 0 ? 128 + stopped_by : kUnusable;
  }

  std::string again = Environment("INTERLEAVE_COMMAND", "interleave"), again_end;
  if (!options.compiler.empty()) again += " " + Quoted("--compiler=" + options.compiler);
  for (const std::string& file : options.files) again += " " + Quoted(file);
  if (!options.compiler_flags.empty()) again_end += " --";
  for (const std::string& flag : options.compiler_flags) again_end += " " + Quoted(flag);
  if (!options.program_arguments.empty()) again_end += " --args";
  for (const std::string& word : options.program_arguments) again_end += " " + Quoted(word);

  const std::string name = std::filesystem::path(options.files[0]).filename();
  std::vector<std::string> command = {program.find('/') == std::string::npos ? "./" + program
                                                                             : program};
  command.insert(command.end(), options.run_flags.begin(), options.run_flags.end());
  command.insert(command.end(), {"--name=" + name, "--again=" + again, "--again_end=" + again_end});
  command.push_back("--args");
  command.insert(command.end(), options.program_arguments.begin(), options.program_arguments.end());
  int status = Run(command);
  return stopped_by != 0 && stopped_by != SIGINT ? 128 + stopped_by : status;
}

}  // namespace
}  // namespace interleave::tool

int main(int argc, char** argv) {
  using namespace interleave::tool;
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  try {
    return Main({argv + 1, argv + argc});
  } catch (const UsageError& error) {
    std::fprintf(stderr, "interleave: %s\n", error.what());
    return kUnusable;
  }
}
