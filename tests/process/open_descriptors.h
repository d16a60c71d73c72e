// tests/process/open_descriptors.h
#ifndef INTERLEAVE_TESTS_PROCESS_OPEN_DESCRIPTORS_H_
#define INTERLEAVE_TESTS_PROCESS_OPEN_DESCRIPTORS_H_

#include <filesystem>
#include <iterator>

namespace interleave {

// How many this process has.
inline int OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<int>(std::distance(begin(all), end(all))) - 1;  // the iterator's own
}

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_PROCESS_OPEN_DESCRIPTORS_H_
