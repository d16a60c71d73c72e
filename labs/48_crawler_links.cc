// Lab 48, links: enough of HTML and of URLs for the pages of a town, and no more.
#include "labs/48_crawler_links.h"

#include <algorithm>

#include "runtime/lab/compute.h"

namespace {

std::size_t EndOfHost(const std::string& url) {
  return std::min(url.find('/', url.find("://") + 3), url.size());
}

std::string Resolve(const std::string& base, const std::string& link) {
  if (link.find("://") != std::string::npos) return link;
  if (link.starts_with('/')) return base.substr(0, EndOfHost(base)) + link;
  return base.substr(0, base.rfind('/') + 1) + link;
}

}  // namespace

std::vector<std::string> LinksOf(const std::string& url, const std::string& html,
                                 std::chrono::milliseconds cost) {
  interleave::Compute(cost);
  static const std::string kBegin = "<a href=\"";
  std::vector<std::string> links;
  for (std::size_t at = html.find(kBegin); at != std::string::npos; at = html.find(kBegin, at)) {
    at += kBegin.size();
    const std::string link = html.substr(at, html.find('"', at) - at);
    links.push_back(Resolve(url, link.substr(0, link.find('#'))));
  }
  return links;
}

std::string HostOf(const std::string& url) {
  const std::string with_host = url.substr(0, EndOfHost(url));
  return with_host.substr(with_host.find("://") + 3);
}

std::string ShortUrl(const std::string& url) { return url.substr(url.find("://") + 3); }
