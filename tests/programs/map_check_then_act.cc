// Sessions by user name: made at the first request, found at the next ones.
//
// Bug: find and insert are locked one by one. Two first requests make two sessions, and one of them
// is forgotten with what it knew.
// Fix: one lock around both.
// Idea: putIfAbsent of Java's ConcurrentHashMap exists for this; JaConTeBe's Groovy and Commons
// bugs.
#include <cassert>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace {

struct Session {
  std::mutex mutex;
  int requests = 0;
};

class Sessions {
 public:
  std::shared_ptr<Session> Of(const std::string& user) {
    std::unique_lock lock(mutex_);
    auto found = sessions_.find(user);
    if (found != sessions_.end()) return found->second;
#ifndef FIXED
    lock.unlock();
#endif
    auto session = std::make_shared<Session>();
#ifndef FIXED
    lock.lock();
#endif
    sessions_[user] = session;
    return session;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Session>> sessions_;
};

}  // namespace

int main() {
  Sessions sessions;
  auto request = [&] {
    std::shared_ptr<Session> session = sessions.Of("ada");
    std::lock_guard lock(session->mutex);
    ++session->requests;
  };
  std::thread a(request), b(request);
  a.join();
  b.join();
  assert(sessions.Of("ada")->requests == 2);
  return 0;
}
