// examples/site.cc

#include "examples/site.h"

#include <stdexcept>
#include <utility>

namespace {

std::string base_url;  // empty: a course server of our own

}  // namespace

Site::Site(interleave::CourseServerOptions options, bool always_ours) {
  if (base_url.empty() || always_ours) server_.emplace(std::move(options));
}

std::string Site::Url(const std::string& path) const {
  return (server_ ? "http://course.test" : base_url) + path;
}

interleave::HttpOptions Site::Options() const {
  interleave::HttpOptions options;
  if (server_) options.connect_to["course.test"] = server_->endpoint();
  options.connect_to["nobody.test"] = {"127.0.0.1", 1};
  return options;
}

void TakesBaseUrl(interleave::Lab& lab, const std::string& such_as) {
  const auto set = [such_as](const std::string& url) {
    if (!url.starts_with("http://") && !url.starts_with("https://")) {
      throw std::invalid_argument("wants a URL, such as " + such_as);
    }
    base_url = url.ends_with('/') ? url.substr(0, url.size() - 1) : url;
  };
  lab.Flag("--base_url=URL", "the server to ask; with --real only", set, true);
}
