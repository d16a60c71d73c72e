#include "runtime/engine/deliveries.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "runtime/engine/boundary.h"

namespace interleave::engine {

Deliveries deliveries;

namespace {

INTERLEAVE_REAL(nanosleep);

// Rounds of waiting; the first are without a pause, for nearly always the first one finds all
// there.
constexpr int kAtOnce = 20;
constexpr int kRounds = 2000;
constexpr timespec kPause = {0, 50'000};

// The kernel's numbers of a connection's states, as this end sees it (net/tcp_states.h).
enum State {
  kEstablished = 1,
  kSynSent,
  kSynReceived,
  kFinWait1,  // has said its last word, and not heard the other's
  kFinWait2,
  kTimeWait,
  kClosed,
  kCloseWait,  // has heard the other's last word
};

bool Read(int fd, tcp_info& info) {
  socklen_t size = sizeof info;
  info = {};
  return fd >= 0 && getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
}

bool HasSaidItsLast(const tcp_info& end) {
  return end.tcpi_state > kSynReceived && end.tcpi_state != kCloseWait;
}

bool HasHeardTheLast(const tcp_info& end) { return end.tcpi_state > kFinWait2; }

// All that end `from` has sent is at the other one.
bool HasArrived(const Channel& connection, int from) {
  const int to = 1 - from;
  tcp_info sender, receiver;
  bool sends = Read(connection.fd[from], sender);
  if (!Read(connection.fd[to], receiver)) {
    // Not accepted yet, or closed: only the sender can say what was acknowledged.
    return !sends || sender.tcpi_unacked == 0;
  }
  if (receiver.tcpi_state == kClosed) return true;
  if (!sends) {
    return !connection.closed[from] || connection.closed_full[from] || HasHeardTheLast(receiver);
  }
  if (sender.tcpi_bytes_sent - sender.tcpi_bytes_retrans > receiver.tcpi_bytes_received) {
    return false;
  }
  return !HasSaidItsLast(sender) || sender.tcpi_notsent_bytes > 0 || HasHeardTheLast(receiver);
}

bool IsSettled(const Channel& connection) {
  return HasArrived(connection, 0) && HasArrived(connection, 1);
}

bool IsWithinTheRun(const Channel& channel) {
  return channel.tcp && !channel.outside && !channel.shared;
}

template <typename Condition>
void Await(Condition condition) {
  for (int round = 0; round < kRounds && !condition(); ++round) {
    if (round >= kAtOnce) real_nanosleep(&kPause, nullptr);
  }
}

}  // namespace

void Deliveries::Settle(const Channel& connection) {
  if (!IsWithinTheRun(connection) || connection.kind != Channel::Kind::kSocket) return;
  ++settles_;
  Await([&] { return IsSettled(connection); });
}

void Deliveries::SettleArrivals(const Channel& listener) {
  if (!IsWithinTheRun(listener)) return;
  Await([&] {
    tcp_info info;  // of a listening socket this is how many wait to be accepted
    return !Read(listener.fd[0], info) || info.tcpi_unacked >= listener.arrivals.size();
  });
}

void Deliveries::Close(Channel& connection, int end) {
  connection.closed[end] = true;
  tcp_info info;
  connection.closed_full[end] =
      connection.tcp && Read(connection.fd[end], info) && info.tcpi_notsent_bytes > 0;
  if (connection.closed[1 - end]) CloseForGood(connection, end);
}

// The other end is closed, so nobody reads what is left. The kernel would keep the addresses of
// such a connection for a minute; ten thousand runs a minute would use up its ports.
void Deliveries::CloseForGood(const Channel& connection, int end) {
  if (!IsWithinTheRun(connection)) return;
  const linger at_once = {1, 0};
  setsockopt(connection.fd[end], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool Deliveries::Pending() {
  if (settles_ == gave_up_at_) return false;
  for (std::size_t i = 0; i < descriptors.ChannelCount(); ++i) {
    const Channel& channel = *descriptors.Channels()[i];
    if (!IsWithinTheRun(channel) || channel.kind != Channel::Kind::kSocket) continue;
    if (!IsSettled(channel)) return true;
    for (int fd : channel.fd) {
      tcp_info info;
      if (Read(fd, info) && info.tcpi_notsent_bytes > 0) return true;
    }
  }
  return false;
}

}  // namespace interleave::engine
