// runtime/engine/deliveries.h
//
// Bytes under way. What is written to a pipe can be read at once; what is sent over a loopback TCP
// connection is there a moment later, when the kernel has handed it from one socket to the other.
// Mostly that happens within the call that sends, on a busy machine a little after it. A schedule
// must mean the same every time, so a step is over only when its bytes have arrived (Settle), and
// as the kernel counts what each end has sent and received (TCP_INFO) that can be told exactly.
//
// What stays under way because the receiver's buffer is full goes on when somebody reads.
#ifndef INTERLEAVE_RUNTIME_ENGINE_DELIVERIES_H_
#define INTERLEAVE_RUNTIME_ENGINE_DELIVERIES_H_

#include <cstdint>

#include "runtime/engine/descriptors.h"

namespace interleave::engine {

class Deliveries {
 public:
  // Waits, for a real moment, until both ends of a connection have what the other has sent so far.
  void Settle(const Channel& connection);

  // The same for connections that were made and must show up at their listening socket.
  void SettleArrivals(const Channel& listener);

  // Before the last descriptor of one end is closed.
  void Close(Channel& connection, int end);

  // Before a close after which nothing is to be left of the connection.
  void CloseForGood(const Channel& connection, int end);

  // There is a connection on which something is under way that may still arrive by itself.
  bool Pending();

  // It did not, for long enough: a buffer is full.
  void GiveUp() { gave_up_at_ = settles_; }

 private:
  std::uint64_t settles_ = 0;
  std::uint64_t gave_up_at_ = ~std::uint64_t{0};
};

extern Deliveries deliveries;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_DELIVERIES_H_
