#include "runtime/engine/descriptors.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "runtime/engine/boundary.h"
#include "runtime/engine/deliveries.h"

namespace interleave::engine {

Descriptors descriptors;

namespace {

INTERLEAVE_REAL(close);

// No descriptor of any system is as high; what somebody passes may be.
constexpr int kHighest = 1 << 20;

const char* WordFor(Channel::Kind kind) {
  switch (kind) {
    case Channel::Kind::kPipe:
      return "pipe";
    case Channel::Kind::kPair:
      return "socket pair";
    case Channel::Kind::kSocket:
      return "socket";
    case Channel::Kind::kListener:
      return "listening socket";
    case Channel::Kind::kEvents:
      return "eventfd";
    case Channel::Kind::kTimer:
      return "timerfd";
    case Channel::Kind::kSignals:
      return "signalfd";
    case Channel::Kind::kPoller:
      return "epoll";
    case Channel::Kind::kOther:
      break;
  }
  return "file";
}

bool HasTwoEnds(Channel::Kind kind) {
  return kind == Channel::Kind::kPipe || kind == Channel::Kind::kPair ||
         kind == Channel::Kind::kSocket;
}

// A socket pair that this process has made has both ends here.
bool MadeHere(int socket) {
  ucred maker = {};
  socklen_t size = sizeof maker;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &maker, &size) == 0 && maker.pid == getpid();
}

}  // namespace

void Channel::Reset(Kind new_kind, int new_number) {
  kind = new_kind;
  number = new_number;
  stream = tcp = outside = shared = false;
  for (int end : {0, 1}) {
    open[end] = 0;
    closed[end] = closed_full[end] = false;
    fd[end] = -1;
    clock[end].Clear();
    address[end].clear();
  }
  arrivals.clear();
}

void Descriptors::BeginRun() {
  descriptors_.clear();
  count_ = 0;
}

// A library may have closed a number past the boundary (fclose does), and it may be somebody else's
// by now: only what still is the same file is closed.
void Descriptors::EndRun() {
  for (std::size_t fd = 0; fd < descriptors_.size(); ++fd) {
    const Descriptor& descriptor = descriptors_[fd];
    struct stat now;
    if (!descriptor.owned || fstat(static_cast<int>(fd), &now) != 0) continue;
    if (now.st_dev == descriptor.device && now.st_ino == descriptor.inode) {
      if (descriptor.channel != nullptr) {
        deliveries.CloseForGood(*descriptor.channel, descriptor.end);
      }
      real_close(static_cast<int>(fd));
    }
  }
}

int Descriptors::NumberOfNext(Channel::Kind kind) const {
  int number = 1;
  for (std::size_t i = 0; i < count_; ++i) number += channels_[i]->kind == kind;
  return number;
}

Channel& Descriptors::NewChannel(Channel::Kind kind) {
  if (count_ == channels_.size()) channels_.push_back(std::make_unique<Channel>());
  int number = NumberOfNext(kind);
  Channel& channel = *channels_[count_++];
  channel.Reset(kind, number);
  return channel;
}

Descriptor& Descriptors::At(int fd) {
  auto index = static_cast<std::size_t>(fd);
  if (index >= descriptors_.size()) descriptors_.resize(index + 1);
  return descriptors_[index];
}

void Descriptors::AddFile(int fd) {
  Descriptor& descriptor = At(fd);
  descriptor = Descriptor();
  struct stat file;
  if (fstat(fd, &file) != 0) return;
  descriptor.owned = true;
  descriptor.device = file.st_dev;
  descriptor.inode = file.st_ino;
}

void Descriptors::Add(int fd, Channel& channel, int end) {
  AddFile(fd);
  Descriptor& descriptor = At(fd);
  descriptor.channel = &channel;
  descriptor.end = end;
  ++channel.open[end];
  channel.fd[end] = fd;
}

void Descriptors::AddCopy(int fd, int of) {
  Descriptor* original = Find(of);
  if (original == nullptr) {
    AddFile(fd);
  } else {
    Descriptor copied = *original;  // Add may move the table
    Add(fd, *copied.channel, copied.end);
  }
}

void Descriptors::BecomesListener(Channel& channel) {
  channel.number = NumberOfNext(Channel::Kind::kListener);
  channel.kind = Channel::Kind::kListener;
}

void Descriptors::Forget(int fd) {
  if (fd < 0 || fd > kHighest) return;
  Descriptor& descriptor = At(fd);
  Channel* channel = descriptor.channel;
  int end = descriptor.end;
  descriptor = Descriptor();
  if (channel == nullptr) return;
  --channel->open[end];
  if (channel->fd[end] != fd) return;
  channel->fd[end] = -1;
  for (std::size_t i = 0; i < descriptors_.size(); ++i) {
    if (descriptors_[i].channel == channel && descriptors_[i].end == end) {
      channel->fd[end] = static_cast<int>(i);
    }
  }
}

Descriptor* Descriptors::Find(int fd) {
  if (fd < 0 || fd > kHighest) return nullptr;
  Descriptor& descriptor = At(fd);
  if (!descriptor.owned) return Look(fd, descriptor);
  return descriptor.channel != nullptr ? &descriptor : nullptr;
}

// One that was there before the run, or that a library has opened past the boundary. It may have
// become another file since the last time.
Descriptor* Descriptors::Look(int fd, Descriptor& descriptor) {
  struct stat file;
  if (fstat(fd, &file) != 0) return nullptr;
  bool known = descriptor.device == file.st_dev && descriptor.inode == file.st_ino;
  if (known) return descriptor.channel != nullptr ? &descriptor : nullptr;
  descriptor = Descriptor();
  descriptor.device = file.st_dev;
  descriptor.inode = file.st_ino;
  if (S_ISREG(file.st_mode) || S_ISDIR(file.st_mode) || S_ISBLK(file.st_mode)) return nullptr;
  bool pipe = S_ISFIFO(file.st_mode);
  bool ours = S_ISSOCK(file.st_mode) ? MadeHere(fd) : !pipe && !S_ISCHR(file.st_mode);
  for (const Descriptor& other : descriptors_) {
    if (other.channel == nullptr || &other == &descriptor) continue;
    bool same = other.device == file.st_dev && other.inode == file.st_ino;
    if (pipe && same) descriptor.channel = other.channel;  // both ends of a pipe are one file
  }
  if (descriptor.channel == nullptr) {
    descriptor.channel = &NewChannel(pipe ? Channel::Kind::kPipe : Channel::Kind::kOther);
    descriptor.channel->outside = !ours;
  }
  if (pipe) descriptor.end = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY ? 0 : 1;
  ++descriptor.channel->open[descriptor.end];
  descriptor.channel->fd[descriptor.end] = fd;
  return &descriptor;
}

void Descriptors::ShareWithChild() {
  for (std::size_t i = 0; i < count_; ++i) channels_[i]->shared = true;
}

std::string Descriptors::Name(int fd) const {
  std::string name = "descriptor " + std::to_string(fd);
  auto index = static_cast<std::size_t>(fd);
  if (fd < 0 || index >= descriptors_.size() || descriptors_[index].channel == nullptr) return name;
  return name + " (" + NameOfObject(descriptors_[index].channel) + ")";
}

std::string Descriptors::NameOfObject(const void* object) const {
  for (std::size_t i = 0; i < count_; ++i) {
    const Channel& channel = *channels_[i];
    if (&channel == object) {
      return std::string(WordFor(channel.kind)) + " " + std::to_string(channel.number);
    }
  }
  return "";
}

void SendKnowledge(const Descriptor& to, Thread& thread) {
  ReleaseTo(to.channel->clock[to.end], thread);
}

void ReceiveKnowledge(const Descriptor& from, Thread& thread) {
  int other = HasTwoEnds(from.channel->kind) ? 1 - from.end : from.end;
  thread.known.Join(from.channel->clock[other]);
}

}  // namespace interleave::engine
