// tools/explorer/build.h
//
// From source files to a program whose every access the engine sees, and whose main is the
// explorer's. What the flags are for is said in runtime/engine/instrument.bzl; here they must also
// hold against the user's own -O3.
#ifndef INTERLEAVE_TOOLS_EXPLORER_BUILD_H_
#define INTERLEAVE_TOOLS_EXPLORER_BUILD_H_

#include <string>
#include <vector>

#include "tools/explorer/options.h"

namespace interleave::tool {

// The commands that build `program` from options.files, objects in `folder`, with `engine`, the
// object file that is linked into every program; memory_calls.h, which every file includes, is
// beside it. Throws UsageError.
std::vector<std::vector<std::string>> BuildCommands(const Options& options,
                                                    const std::string& engine,
                                                    const std::string& folder,
                                                    const std::string& program);

}  // namespace interleave::tool

#endif  // INTERLEAVE_TOOLS_EXPLORER_BUILD_H_
