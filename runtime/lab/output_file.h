// runtime/lab/output_file.h
//
// The files that --trace and --timeline write. That a file cannot be written is said before the
// run, not after it. `bazel run` starts programs in a folder of its own; a relative path is meant
// from where the user typed the command, which Bazel tells in BUILD_WORKING_DIRECTORY.
#ifndef INTERLEAVE_RUNTIME_LAB_OUTPUT_FILE_H_
#define INTERLEAVE_RUNTIME_LAB_OUTPUT_FILE_H_

#include <string>
#include <string_view>

namespace interleave::lab {

// A relative path as the user means it.
std::string UsersPath(const std::string& path);

// Why `path` cannot be written; empty if it can. Leaves a file that is there as it is.
std::string WhyNotWritable(const std::string& path);

// Replaces what is in the file. Throws std::system_error.
void WriteOutputFile(const std::string& path, std::string_view text);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_OUTPUT_FILE_H_
