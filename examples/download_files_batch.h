// examples/download_files_batch.h
//
// What all styles of download_files have in common: where the files come from and where they go,
// how far they have come, and what is said at the end.
//
//   Batch batch({{.name = "pictures.zip", .megabytes = 5}});
//   Download& pictures = batch.downloads().front();
//   http.Request(batch.Begin(pictures)).RaiseForStatus();
//   batch.IsThere(pictures);
//   return batch.Report();                          // "1 file, 5 MB, every byte is right"
//
// In a real run Ctrl-C does not end the program while a batch exists: downloads that are under way
// are dropped, others do not begin, and the report says which. A second Ctrl-C ends it at once, and
// leaves the .part files behind.
//
// Threads: a Download belongs to whoever fetches it, the rest may be used from any.
#ifndef INTERLEAVE_EXAMPLES_DOWNLOAD_FILES_BATCH_H_
#define INTERLEAVE_EXAMPLES_DOWNLOAD_FILES_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "examples/site.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/progress.h"
#include "runtime/net/http.h"

struct Download {
  enum class State { kNotBegun, kUnderWay, kThere, kDropped, kFailed };

  std::string name;
  std::uint64_t megabytes = 0;
  State state = State::kNotBegun;
  std::uint64_t received = 0;  // bytes
  std::size_t bar = 0;
};

// Ctrl-C has been pressed.
bool Interrupted();
// By somebody else's handler.
void NoteInterrupt();

// What Report returns after it.
extern const char* const kInterrupted;

// --folder, or a temporary one, which is gone at its end.
class DownloadFolder {
 public:
  DownloadFolder();
  ~DownloadFolder();
  DownloadFolder(const DownloadFolder&) = delete;
  DownloadFolder& operator=(const DownloadFolder&) = delete;

  std::filesystem::path Of(const std::string& file) const { return path_ / file; }

 private:
  const std::filesystem::path path_;
};

// While it exists Ctrl-C does this. In a simulation it ends the program, whatever is wanted here.
class InterruptHandler {
 public:
  explicit InterruptHandler(void (*handler)(int));
  ~InterruptHandler();
  InterruptHandler(const InterruptHandler&) = delete;
  InterruptHandler& operator=(const InterruptHandler&) = delete;

 private:
  void (*before_)(int) = nullptr;
};

class Batch {
 public:
  explicit Batch(std::vector<Download> downloads);
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  std::vector<Download>& downloads() { return downloads_; }
  // For the client: where course.test is.
  interleave::HttpOptions Options() const { return site_.Options(); }

  // Into a file of the folder, with progress. Throws interleave::Interrupted out of the request
  // when the next piece comes after Ctrl-C.
  interleave::HttpRequest Begin(Download& download);
  // One of the three comes after it.
  void IsThere(Download& download);
  void IsDropped(Download& download);
  void HasFailed(Download& download, const std::string& why);

  // Compares each file that is there with what it should be, and says how it went. Comes last.
  std::string Report();

 private:
  bool HasItsContent(const Download& download) const;
  std::string ReportInterrupted() const;

  std::vector<Download> downloads_;
  const DownloadFolder folder_;
  const InterruptHandler interrupt_handler_;
  const Site site_;
  interleave::ProgressBars bars_;
};

// --folder and --base_url.
void AddFlags(interleave::Lab& lab);

#endif  // INTERLEAVE_EXAMPLES_DOWNLOAD_FILES_BATCH_H_
