// Lines are copied behind one another into a buffer and written out when it is full.
//
// Bug: the place where a line goes is read first and moved on last. Two lines land on each other.
// Fix: a lock around it all.
// Idea: Apache httpd bug 25520, ap_buffered_log_writer, in every study since Lu et al. 2008.
#include <cassert>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace {

class Log {
 public:
  void Write(std::string_view line) {
#ifdef FIXED
    std::lock_guard lock(mutex_);
#endif
    std::size_t at = used_;
    for (std::size_t i = 0; i < line.size(); ++i) buffer_[at + i] = line[i];
    used_ = at + line.size();
  }

  std::string Text() const { return std::string(buffer_, used_); }

 private:
  std::mutex mutex_;
  char buffer_[16] = {};
  std::size_t used_ = 0;
};

}  // namespace

int main() {
  Log log;
  std::thread a([&] { log.Write("ab"); });
  std::thread b([&] { log.Write("cd"); });
  a.join();
  b.join();
  assert(log.Text() == "abcd" || log.Text() == "cdab");
  return 0;
}
