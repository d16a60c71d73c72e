// runtime/engine/source_text.h
//
// A line of the program's source, if the file is still there. The compiler wrote down where the
// file was when it was compiled; under Bazel that is relative to a folder that no longer exists, so
// it is looked for from here, from where `bazel run` was called, and among a test's files.
#ifndef INTERLEAVE_RUNTIME_ENGINE_SOURCE_TEXT_H_
#define INTERLEAVE_RUNTIME_ENGINE_SOURCE_TEXT_H_

#include <map>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave {

class SourceText {
 public:
  // Without the spaces around it; empty if the file or the line is not there.
  std::string Of(const SourceLine& place);

  // All lines of the file at `path`, as the compiler wrote it down; none if it is not there.
  const std::vector<std::string>& Lines(const std::string& path);

 private:
  std::map<std::string, std::vector<std::string>> files_;  // by path, read once
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ENGINE_SOURCE_TEXT_H_
