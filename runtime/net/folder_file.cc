// runtime/net/folder_file.cc

#include "runtime/net/folder_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "runtime/net/descriptor.h"

namespace interleave {
namespace {

class FolderFile : public BodyStream {
 public:
  FolderFile(Descriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

  std::optional<std::uint64_t> size() const override { return size_; }

  BodyPiece Next(char* to, std::size_t room) override {
    if (sent_ == size_) return BodyPiece::End();
    const std::size_t wanted = std::min<std::uint64_t>(room, size_ - sent_);
    ssize_t count;
    do {
      count = pread(file_.get(), to, wanted, static_cast<off_t>(sent_));
    } while (count < 0 && errno == EINTR);
    if (count <= 0) return BodyPiece::BreakOff();  // the file has become shorter, or is unreadable
    sent_ += static_cast<std::uint64_t>(count);
    return BodyPiece::Bytes(static_cast<std::size_t>(count));
  }

 private:
  Descriptor file_;
  const std::uint64_t size_;  // when it was opened
  std::uint64_t sent_ = 0;
};

}  // namespace

std::unique_ptr<BodyStream> OpenInFolder(const std::string& folder, std::string_view name) {
  Descriptor here(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  while (here) {
    const std::size_t slash = name.find('/');
    const std::string step(name.substr(0, slash));
    // Also "..", and the names within .git.
    if (step.empty() || step.starts_with('.') || step.find('\0') != step.npos) return nullptr;
    if (slash == name.npos) {
      // O_NONBLOCK: to open a pipe would wait for its writer.
      Descriptor file(
          openat(here.get(), step.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
      struct stat status;
      if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return nullptr;
      const auto size = static_cast<std::uint64_t>(status.st_size);
      return std::make_unique<FolderFile>(std::move(file), size);
    }
    name.remove_prefix(slash + 1);
    here =
        Descriptor(openat(here.get(), step.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  return nullptr;
}

}  // namespace interleave
