// examples/crawl_sites_site.h
//
// The sites that crawl_sites asks: the course's own, served from this process, or those of the
// server that --base_url names.

#ifndef INTERLEAVE_EXAMPLES_CRAWL_SITES_SITE_H_
#define INTERLEAVE_EXAMPLES_CRAWL_SITES_SITE_H_

#include <optional>
#include <string>

#include "runtime/net/course_server.h"
#include "runtime/net/http.h"

class Site {
 public:
  Site();

  // The URLs name no port, so that they are the same in every run.
  std::string Url(const std::string& path) const;
  // Of a client that is to find them.
  interleave::HttpOptions Options() const;

 private:
  std::optional<interleave::CourseServer> server_;
};

// A URL of a host at which nobody listens, whichever server is asked.
inline const std::string kNobody = "http://nobody.test/";

// --base_url. Throws: std::invalid_argument.
void SetBaseUrl(const std::string& url);

#endif  // INTERLEAVE_EXAMPLES_CRAWL_SITES_SITE_H_
