// runtime/net/partial_file.h
//
// A file that is there in whole or not at all. What comes is written under another name in the same
// folder, and renamed at the end, which the kernel does in one step:
//
//   PartialFile file("book.pdf");     // creates book.pdf.part
//   file.Write(piece);                // as often as needed
//   file.Commit();                    // now there is a book.pdf, complete
//
// Without Commit the destructor removes what was written, and a book.pdf of before is untouched.
// A process that is killed leaves its .part behind; nobody takes it for the book. Who meets one of
// that name takes the next: .part1, .part2.
//
// Threads: one at a time. The calls block as long as the disk takes.

#ifndef INTERLEAVE_RUNTIME_NET_PARTIAL_FILE_H_
#define INTERLEAVE_RUNTIME_NET_PARTIAL_FILE_H_

#include <string>
#include <string_view>

namespace interleave {

class PartialFile {
 public:
  // All of these throw std::system_error, whose what() names the file.
  explicit PartialFile(std::string name);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  void Write(std::string_view bytes);
  // REQUIRES: not called before.
  void Commit();

 private:
  const std::string name_;
  std::string partial_name_;  // empty once renamed
  int fd_ = -1;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_PARTIAL_FILE_H_
