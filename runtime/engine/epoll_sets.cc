#include "runtime/engine/epoll_sets.h"

#include <algorithm>

namespace interleave::engine {

EpollSets epoll_sets;

void EpollSets::Control(int epoll, int operation, int fd, const epoll_event* event) {
  auto set =
      std::find_if(sets_.begin(), sets_.end(), [&](const Set& s) { return s.epoll == epoll; });
  if (set == sets_.end()) set = sets_.insert(sets_.end(), Set{epoll, {}});
  std::vector<Member>& members = set->members;
  if (operation == EPOLL_CTL_ADD) {
    members.push_back({fd, event->data.u64});
  } else if (operation == EPOLL_CTL_DEL) {
    std::erase_if(members, [&](const Member& member) { return member.fd == fd; });
  } else {
    for (Member& member : members) {
      if (member.fd == fd) member.data = event->data.u64;
    }
  }
}

void EpollSets::Closed(int fd) {
  std::erase_if(sets_, [&](const Set& set) { return set.epoll == fd; });
  for (Set& set : sets_) {
    std::erase_if(set.members, [&](const Member& member) { return member.fd == fd; });
  }
}

const std::vector<EpollSets::Member>& EpollSets::MembersOf(int epoll) const {
  static const std::vector<Member> none;
  for (const Set& set : sets_) {
    if (set.epoll == epoll) return set.members;
  }
  return none;
}

void EpollSets::Sort(int epoll, epoll_event* events, int count) const {
  const std::vector<Member>& members = MembersOf(epoll);
  const auto position = [&](const epoll_event& event) {
    return std::find_if(members.begin(), members.end(),
                        [&](const Member& member) { return member.data == event.data.u64; }) -
           members.begin();
  };
  std::stable_sort(events, events + count, [&](const epoll_event& a, const epoll_event& b) {
    return position(a) < position(b);
  });
}

}  // namespace interleave::engine
