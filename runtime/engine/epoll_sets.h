// runtime/engine/epoll_sets.h
//
// What is in the program's epoll sets. The sets themselves are the kernel's; this is kept beside
// them because the kernel does not say what a set contains, and because it returns events in an
// order of its own, where a simulation wants one that is the same every time.
#ifndef INTERLEAVE_RUNTIME_ENGINE_EPOLL_SETS_H_
#define INTERLEAVE_RUNTIME_ENGINE_EPOLL_SETS_H_

#include <sys/epoll.h>

#include <cstdint>
#include <vector>

namespace interleave::engine {

class EpollSets {
 public:
  struct Member {
    int fd;
    std::uint64_t data;
  };

  void BeginRun() { sets_.clear(); }

  // After the call of the same name has succeeded.
  void Control(int epoll, int operation, int fd, const epoll_event* event);
  void Closed(int fd);

  // In order of registration; empty for what is no epoll set.
  const std::vector<Member>& MembersOf(int epoll) const;

  // Sorts into the order of registration.
  void Sort(int epoll, epoll_event* events, int count) const;

 private:
  struct Set {
    int epoll;
    std::vector<Member> members;
  };
  std::vector<Set> sets_;
};

extern EpollSets epoll_sets;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_EPOLL_SETS_H_
