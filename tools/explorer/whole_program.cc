// How the explorer gets between the system and the program's main: _start calls __libc_start_main
// with the address of main, and the linker prefers the definition here to libc's. Nothing in the
// program or in its compiler flags has to change for that.
#include "tools/explorer/whole_program.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime/engine/boundary.h"
#include "runtime/engine/inside.h"
#include "runtime/engine/output.h"

namespace interleave::tool {
namespace {

using MainFunction = int(int, char**, char**);
MainFunction* programs_main = nullptr;

using ExitFunction = void(int);
ExitFunction* real_exit = nullptr;

// ---- What happens at exit ----

std::jmp_buf after_exit;
bool exiting = false;

// libc calls these in reverse order, so this one, registered before any of the program's, is the
// last: everything has been destroyed. What called exit from within libc (err, for example) comes
// here too.
void AtVeryEnd(int status, void*) {
  if (!InSimulation()) return;
  if (exiting) std::longjmp(after_exit, 1);
  std::exit(status);  // the boundary's, which ends the run
}

// ---- What the program prints before main ----

int shown_stdout = -1;

// Only a replay shows what the program prints. Its globals are made in this process.
void HideOutput(int argc, char** argv) {
  for (int i = 1; i < argc && std::strcmp(argv[i], "--args") != 0; ++i) {
    if (std::strncmp(argv[i], "--schedule", 10) == 0) return;
  }
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  shown_stdout = fcntl(1, F_DUPFD_CLOEXEC, 3);
  dup2(nowhere, 1);
  close(nowhere);
}

void ShowOutput() {
  std::fflush(stdout);
  if (shown_stdout < 0) return;
  dup2(shown_stdout, 1);
  close(shown_stdout);
}

// ---- Before and after ----

// This file is linked behind the engine and before the program, so that the program's statics are
// destroyed when this is called and the engine's are not.
[[gnu::constructor]] void Register(int argc, char** argv, char**) {
  on_exit(AtVeryEnd, nullptr);
  real_exit = reinterpret_cast<ExitFunction*>(dlsym(RTLD_NEXT, "exit"));
  HideOutput(argc, argv);
}

[[gnu::noinline]] void RunExitFunctions(int status) {
  engine::RunThreadExitFunctions();
  if (setjmp(after_exit) != 0) return;
  exiting = true;
  real_exit(status);
}

// ---- The outcome ----

std::string LastLine() {
  engine::EngineScope scope;
  std::string text;
  for (const engine::Output::Piece& piece : engine::output.Pieces()) {
    if (piece.fd == 1) text += piece.text;
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  text.erase(0, text.rfind('\n') + 1);
  return text.empty() ? "exit status 0" : text;
}

}  // namespace

Body WholeProgram(const std::string& name, const std::vector<std::string>& arguments) {
  // What main gets must outlive it, and main may change it.
  auto* words = new std::vector<std::string>{name};
  words->insert(words->end(), arguments.begin(), arguments.end());
  auto* pointers = new std::vector<char*>;
  for (std::string& word : *words) pointers->push_back(word.data());
  pointers->push_back(nullptr);
  return [words, pointers]() -> std::string {
    engine::output.keep = true;
    int status = programs_main(static_cast<int>(words->size()), pointers->data(), environ);
    RunExitFunctions(status);
    if (status != 0) std::exit(status);  // the boundary's
    return LastLine();
  };
}

bool IsFailure(Ending ending, const std::string& outcome) {
  if (ending == Ending::kReturned) return false;
  return ending != Ending::kExit ||
         (outcome != "exit status 0" && outcome.rfind("exit status 0 ", 0) != 0);
}

}  // namespace interleave::tool

namespace {
// The program's statics end with its runs; those in this process are nobody's.
int Main(int argc, char** argv, char**) {
  interleave::tool::ShowOutput();
  int status = interleave::tool::ExplorerMain({argv + 1, argv + argc});
  std::fflush(stdout);
  _exit(status);
}
}  // namespace

extern "C" int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv,
                                 void (*init)(), void (*fini)(), void (*rtld_fini)(),
                                 void* stack_end) {
  interleave::tool::programs_main = main;
  using Start =
      int(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)(), void*);
  auto* start = reinterpret_cast<Start*>(dlsym(RTLD_NEXT, "__libc_start_main"));
  return start(Main, argc, argv, init, fini, rtld_fini, stack_end);
}
