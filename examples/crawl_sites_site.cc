// examples/crawl_sites_site.cc

#include "examples/crawl_sites_site.h"

#include <stdexcept>

namespace {

std::string base_url;  // empty: a course server of our own

}  // namespace

Site::Site() {
  if (base_url.empty()) server_.emplace();
}

std::string Site::Url(const std::string& path) const {
  return (base_url.empty() ? "http://course.test" : base_url) + path;
}

interleave::HttpOptions Site::Options() const {
  interleave::HttpOptions options;
  if (server_) options.connect_to["course.test"] = server_->endpoint();
  options.connect_to["nobody.test"] = {"127.0.0.1", 1};
  return options;
}

void SetBaseUrl(const std::string& url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    throw std::invalid_argument("wants a URL, such as http://httpbin.org");
  }
  base_url = url.ends_with('/') ? url.substr(0, url.size() - 1) : url;
}
