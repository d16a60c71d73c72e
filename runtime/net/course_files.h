// runtime/net/course_files.h
//
// Files to download that nobody had to store: of any name there is one of any size, and its content
// follows from the name, so whoever has got it can tell whether it is whole.
//
//   GET /files/music.zip?size=5000000&rate=1000000      takes 5 s
//
//   std::string expected(1000, '\0');
//   FillCourseFile("music.zip", 4000, expected);        // its bytes 4000 to 4999
//
// With a rate they come in ten parts a second, the first after a tenth, the last when exactly
// size / rate have passed.
//
// Threads: the server's; FillCourseFile any.

#ifndef INTERLEAVE_RUNTIME_NET_COURSE_FILES_H_
#define INTERLEAVE_RUNTIME_NET_COURSE_FILES_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/net/body_stream.h"
#include "runtime/net/web_server.h"

namespace interleave {

constexpr std::uint64_t kDefaultFileSize = 1'000'000;
constexpr std::uint64_t kLargestFile = 10'000'000'000;
constexpr std::uint64_t kHighestRate = 1'000'000'000;  // bytes per second

// Writes what the file has from `offset` on.
void FillCourseFile(std::string_view name, std::uint64_t offset, std::span<char> to);

class CourseFile : public BodyStream {
 public:
  // `rate` in bytes per second; 0: as fast as they are taken.
  CourseFile(std::string name, std::uint64_t size, std::uint64_t rate)
      : name_(std::move(name)), size_(size), rate_(rate), allowed_(rate == 0 ? size : 0) {}

  std::optional<std::uint64_t> size() const override { return size_; }
  BodyPiece Next(char* to, std::size_t room) override;

 private:
  BodyPiece WaitForMore();

  const std::string name_;
  const std::uint64_t size_, rate_;
  std::uint64_t sent_ = 0;
  std::uint64_t allowed_;               // may be sent by now
  std::chrono::nanoseconds waited_{0};  // so far
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_COURSE_FILES_H_
