// examples/course_server.cc
//
// The web sites that the articles ask, on your own machine: to look at in a browser, to try curl
// on, or to give to the examples as --base_url.
//
//   bazel run //examples:course_server
//   curl http://127.0.0.1:8000/                  (lists its paths)
//   curl http://127.0.0.1:8000/api/character/3
//
// Ctrl-C ends it, with status 130; kill, with 143. Neither loses anything: what is being answered
// is broken off, and there is nothing to save.
//
// Only this machine can reach it, unless --host says otherwise.

#include "runtime/net/course_server.h"

#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>

namespace {

using namespace interleave;

struct Flags {
  CourseServerOptions server;
  std::optional<std::uint16_t> port;
  double patience = 30;
};

void Declare(CLI::App& app, Flags& flags) {
  WebServerOptions& web = flags.server.web;
  app.add_option("--port", flags.port, "where it listens; 0: a port that is free")
      ->default_str("8000, or one that is free")
      ->check(CLI::Range(0, 65535));
  app.add_option("--host", web.host, "an address of this machine; 0.0.0.0: all, for everybody");
  app.add_option("--folder", flags.server.folder, "serves its files as /folder/NAME")
      ->check(CLI::ExistingDirectory);
  app.add_option("--max_connections", web.max_connections, "at once; others wait")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--patience", flags.patience, "seconds that a client may take to ask")
      ->check(CLI::Range(0.1, 3600.0));
  app.add_option("--books_fail_after", flags.server.books_fail_after,
                 "answers about books; the next ones are errors")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}));
}

// `bazel run` starts programs in a folder of its own.
void GoWhereTheCommandWasTyped() {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  std::error_code ignored;
  if (folder != nullptr) std::filesystem::current_path(folder, ignored);
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

int BadInput(const std::string& sentence) {
  std::cerr << "course_server: " << sentence << "\n";
  return 2;
}

// At a port that is easy to remember, unless somebody has it.
CourseServer Start(CourseServerOptions options, std::optional<std::uint16_t> port) {
  constexpr std::uint16_t kUsual = 8000;
  try {
    options.web.port = port.value_or(kUsual);
    return CourseServer(options);
  } catch (const std::system_error& error) {
    if (port || error.code() != std::errc::address_in_use) throw;
  }
  options.web.port = 0;
  return CourseServer(options);
}

// Which of them came.
int WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

}  // namespace

int main(int argc, char** argv) {
  GoWhereTheCommandWasTyped();
  CLI::App app("The course's web sites, on this machine.", "course_server");
  Flags flags;
  Declare(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::ParseError& error) {
    return BadInput(std::string(error.what()) + "; --help lists what there is");
  }
  flags.server.web.patience = std::chrono::milliseconds(std::int64_t(flags.patience * 1000));

  // Blocked before there are threads, so that they wait here, whichever thread they are sent to.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    CourseServer server = Start(flags.server, flags.port);
    if (!IsLoopback(flags.server.web.host)) {
      std::cerr << "Whoever can reach this machine can reach the server, too.\n";
    }
    std::cout << "The course server is at " << server.url() << "/ (Ctrl-C ends it)" << std::endl;
    const int signal = WaitForSignal(signals);
    const WebCounts counts = server.Counts();
    std::cout << "\nEnded after " << counts.requests << " requests on " << counts.connections
              << " connections." << std::endl;
    return 128 + signal;
  } catch (const std::exception& error) {
    return BadInput(error.what());
  }
}
