// examples/download_files_batch.cc
#include "examples/download_files_batch.h"

#include <stdlib.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "runtime/async/async_errors.h"
#include "runtime/engine/explore.h"
#include "runtime/lab/log.h"
#include "runtime/lab/output_file.h"
#include "runtime/net/course_files.h"

using interleave::Print;
namespace fs = std::filesystem;

const char* const kInterrupted = "interrupted";

namespace {

constexpr std::size_t kPiece = 64 * 1024;

// In bytes. A server's part of a file, a tenth of it, must fit into the buffers of any connection
// in a simulation: how much the kernel takes at once is its own choice, and no schedule's.
std::uint64_t Megabyte() { return interleave::InSimulation() ? 100'000 : 1'000'000; }

std::string users_folder;  // --folder; empty: a temporary one

// ---- Ctrl-C ----

std::atomic<bool> interrupted;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal's handler may use no other");

// Only remembers it: a handler may do next to nothing, and the threads look for themselves.
extern "C" void RememberInterrupt(int) {
  interrupted = true;
  std::signal(SIGINT, SIG_DFL);  // a second one does not wait for them
}

// ---- the folder ----

std::string TemporaryFolder() {
  std::string path = (fs::temp_directory_path() / "download_files.XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "no temporary folder " + path);
  }
  return path;
}

// ---- words ----

std::string Megabytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f",
                static_cast<double>(bytes) / static_cast<double>(Megabyte()));
  return text;
}

std::string Files(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " file" : " files");
}

// ---- flags ----

void SetFolder(const std::string& folder) {
  users_folder = interleave::lab::UsersPath(folder);
  std::error_code ignored;
  if (!fs::is_directory(users_folder, ignored)) {
    throw std::invalid_argument("there is no such folder, and the downloads make none");
  }
}

}  // namespace

bool Interrupted() { return interrupted; }
void NoteInterrupt() { interrupted = true; }

DownloadFolder::DownloadFolder() : path_(users_folder.empty() ? TemporaryFolder() : users_folder) {}

DownloadFolder::~DownloadFolder() {
  std::error_code ignored;
  if (users_folder.empty()) fs::remove_all(path_, ignored);
}

InterruptHandler::InterruptHandler(void (*handler)(int)) {
  if (!interleave::InSimulation()) before_ = std::signal(SIGINT, handler);
}

InterruptHandler::~InterruptHandler() {
  if (!interleave::InSimulation()) std::signal(SIGINT, before_);
}

Batch::Batch(std::vector<Download> downloads)
    : downloads_(std::move(downloads)), interrupt_handler_(RememberInterrupt) {
  for (Download& download : downloads_) {
    download.bar = bars_.Add(download.name, static_cast<int>(download.megabytes));
  }
}

interleave::HttpRequest Batch::Begin(Download& download) {
  download.state = Download::State::kUnderWay;
  interleave::HttpRequest request;
  // The rate is that of each file, by itself.
  request.url = site_.Url("/files/" + download.name +
                          "?size=" + std::to_string(download.megabytes * Megabyte()) +
                          "&rate=" + std::to_string(Megabyte()));
  request.to_file = folder_.Of(download.name).string();
  request.on_progress = [this, &download](const interleave::HttpProgress& progress) {
    download.received = progress.received;
    bars_.Update(download.bar, progress.received, progress.total);
    // After its last piece it is not worth dropping any more.
    if (interrupted && progress.received != progress.total) throw interleave::Interrupted();
  };
  return request;
}

void Batch::IsThere(Download& download) {
  download.state = Download::State::kThere;
  bars_.End(download.bar, "done");
}

void Batch::IsDropped(Download& download) {
  download.state = Download::State::kDropped;
  bars_.End(download.bar, "dropped");
}

void Batch::HasFailed(Download& download, const std::string& why) {
  download.state = Download::State::kFailed;
  bars_.End(download.bar, why);
}

bool Batch::HasItsContent(const Download& download) const {
  std::ifstream file(folder_.Of(download.name), std::ios::binary);
  std::string content(kPiece, '\0'), expected(kPiece, '\0');
  std::uint64_t compared = 0;
  while (file.read(content.data(), kPiece), file.gcount() > 0) {
    content.resize(static_cast<std::size_t>(file.gcount()));
    expected.resize(content.size());
    interleave::FillCourseFile(download.name, compared, expected);
    if (content != expected) return false;
    compared += content.size();
  }
  return compared == download.megabytes * Megabyte();
}

std::string Batch::Report() {
  if (interrupted) return ReportInterrupted();
  std::size_t there = 0;
  std::uint64_t megabytes = 0;
  for (const Download& download : downloads_) {
    if (download.state != Download::State::kThere) continue;
    if (!HasItsContent(download)) {
      Print(download.name + ": the content is not what it should be");
      continue;
    }
    ++there;
    megabytes += download.megabytes;
  }
  if (!users_folder.empty()) Print(Files(there) + " in " + users_folder);
  if (there < downloads_.size()) {
    return std::to_string(there) + " of " + Files(downloads_.size());
  }
  return Files(there) + ", " + std::to_string(megabytes) + " MB, every byte is right";
}

std::string Batch::ReportInterrupted() const {
  for (const Download& download : downloads_) {
    std::string line = "Ctrl-C: " + download.name;
    switch (download.state) {
      case Download::State::kThere:
        line += !HasItsContent(download) ? " is there, and its content is not what it should be"
                : users_folder.empty()   ? " was complete; it goes with the temporary folder"
                                         : " is kept, complete, in " + users_folder;
        break;
      case Download::State::kUnderWay:
      case Download::State::kDropped:
        line += " is dropped, " + Megabytes(download.received) + " of " +
                Megabytes(download.megabytes * Megabyte()) + " MB had come";
        break;
      case Download::State::kFailed:
        line += " had failed";
        break;
      case Download::State::kNotBegun:
        line += " had not begun";
        break;
    }
    Print(line);
  }
  return kInterrupted;
}

void AddFlags(interleave::Lab& lab) {
  lab.Flag("--folder=DIR", "where the files go, to stay; with --real only", SetFolder, true);
  TakesBaseUrl(lab, "http://127.0.0.1:8000");
}
