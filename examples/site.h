// examples/site.h
//
// The server that an example asks: the course's own, served from this process, or the one that
// --base_url names.
//
//   const Site site;
//   HttpSession session(site.Options());
//   co_await session.Get(site.Url("/api/character/1"));
//
// The URLs name no port, so that they are the same in every run.

#ifndef INTERLEAVE_EXAMPLES_SITE_H_
#define INTERLEAVE_EXAMPLES_SITE_H_

#include <optional>
#include <string>

#include "runtime/lab/lab.h"
#include "runtime/net/course_server.h"
#include "runtime/net/http.h"

class Site {
 public:
  // A server of our own has these options; it is there unless --base_url names another, or always.
  explicit Site(interleave::CourseServerOptions options = {}, bool always_ours = false);

  // Of a path that begins with '/'.
  std::string Url(const std::string& path) const;
  // Of a client that is to find it.
  interleave::HttpOptions Options() const;
  // Null if it is not ours.
  const interleave::CourseServer* ours() const { return server_ ? &*server_ : nullptr; }

 private:
  std::optional<interleave::CourseServer> server_;
};

// A URL of a host at which nobody listens, whichever server is asked.
inline const std::string kNobody = "http://nobody.test/";

// Gives `lab` the flag --base_url. `such_as` is an address that it might be.
void TakesBaseUrl(interleave::Lab& lab, const std::string& such_as);

#endif  // INTERLEAVE_EXAMPLES_SITE_H_
