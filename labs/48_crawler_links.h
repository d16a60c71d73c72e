// Lab 48, what a page links to. Work for the processor: it is done on threads of a pool.
#ifndef INTERLEAVE_LABS_48_CRAWLER_LINKS_H_
#define INTERLEAVE_LABS_48_CRAWLER_LINKS_H_

#include <chrono>
#include <string>
#include <vector>

// The URLs that the links of a page lead to, in their order; what is behind '#' is left out, for it
// is the same page. `url` is the page's own. To find them is work that costs so much of a core.
std::vector<std::string> LinksOf(const std::string& url, const std::string& html,
                                 std::chrono::milliseconds cost);

// "course.test" of "http://course.test/town/"
std::string HostOf(const std::string& url);

// "course.test/town/" of the same: for a reader.
std::string ShortUrl(const std::string& url);

#endif  // INTERLEAVE_LABS_48_CRAWLER_LINKS_H_
