// runtime/net/folder_file.h
//
// The files of one folder, for strangers, and nothing else of this machine.
//
//   std::unique_ptr<BodyStream> file = OpenInFolder("/home/me/site", "pictures/1.jpg");
//
// The name comes from outside and means mischief: "../../etc/passwd", a link that somebody put
// there, a device that never ends. To look at the name's text is not enough, for a link looks like
// any file, and what stands there may be changed between the look and the opening. So the way is
// gone step by step, each folder opened from the one before, and no link is followed, wherever it
// leads. What is opened in the end must be a plain file. Names that begin with a dot are taken for
// private.
//
// A file with a second name (a hard link) cannot be told from one with a single name.
//
// Threads: any.

#ifndef INTERLEAVE_RUNTIME_NET_FOLDER_FILE_H_
#define INTERLEAVE_RUNTIME_NET_FOLDER_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "runtime/net/body_stream.h"

namespace interleave {

// Null if there is no such file, whatever the reason: who asks shall not learn what else there is.
// `folder` may be reached by links.
std::unique_ptr<BodyStream> OpenInFolder(const std::string& folder, std::string_view name);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_FOLDER_FILE_H_
