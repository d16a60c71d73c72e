// runtime/net/connection.h
//
// How a Stream (stream.h) talks to the kernel; nobody else needs this header.
//
//   kernel --recv--> received --> who reads            when somebody asks for more than is there
//   kernel <--send-- unsent <---- Write                at once; unsent is what the kernel refused
//
// Nothing is received before somebody wants to read. So a program that does not keep up fills the
// kernel's buffer and then stops the other side, instead of filling its own memory.
//
// Two habits save system calls, and an echo of 64 bytes costs what it costs in bare epoll:
//
// - A descriptor is watched from the first wait on and stays watched. The kernel is told again only
//   when it reports bytes that nobody waits for.
// - recv that filled less than it was offered has emptied the kernel's buffer: the next read waits
//   for the loop's word straight away, instead of asking recv in vain.
//
// Whoever works on a Connection shares it: the Stream, each coroutine that reads, and the loop
// while it still has bytes to send after the Stream has gone.

#ifndef INTERLEAVE_RUNTIME_NET_CONNECTION_H_
#define INTERLEAVE_RUNTIME_NET_CONNECTION_H_

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/async/event_loop.h"
#include "runtime/async/waiting_tasks.h"
#include "runtime/net/byte_queue.h"
#include "runtime/net/descriptor.h"
#include "runtime/net/endpoint.h"

namespace interleave {

class Connection final : public ReadWatcher, public std::enable_shared_from_this<Connection> {
 public:
  // The socket is made non-blocking. Belongs to the running loop.
  Connection(Descriptor socket, Endpoint peer, std::size_t high_water);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Waits until WakeAll of its list.
  class Waiting;
  struct [[nodiscard]] Request {
    WaitingTasks* list;
    const char* what;
    Waiting AwaitAt(unsigned line) const;
  };

  // Reading.

  ByteQueue& received() { return received_; }
  bool at_end() const { return at_end_; }  // nothing more will come
  // Receives what is there, at most `most`. False if one has to wait for it: Readable().
  // Throws: ConnectionError.
  bool TryReceive(std::size_t most);
  // The same into `to`, at most `most`, which is not 0: how many bytes; 0 at the end. None if one
  // has to wait. REQUIRES: received().empty().
  std::optional<std::size_t> TryReceiveInto(char* to, std::size_t most);
  Request Readable();
  // One task reads at a time. Throws: std::logic_error if another does, or after Close.
  void BeginReading();
  void EndReading() { being_read_ = false; }
  class Reading {
   public:
    explicit Reading(Connection& connection) : connection_(connection) {
      connection.BeginReading();
    }
    ~Reading() { connection_.EndReading(); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    Connection& connection_;
  };

  // Writing: as of Stream.

  void Write(std::string_view bytes);
  void WriteEof();
  std::size_t unsent() const { return unsent_.size(); }
  bool MustDrain() const { return unsent_.size() > high_water_; }
  WaitingTasks& drainers() { return drainers_; }
  // Throws: ConnectionError if sending has failed.
  void CheckSent();
  // Whether CheckSent has thrown: whoever wrote knows.
  bool told() const { return told_; }
  void CheckNotAborted() const;
  // True once in a while: who writes and never has to wait should let others have their turn.
  bool ShouldYield();

  // The end: as of Stream.

  void Close();
  void Abort();
  bool closing() const { return closing_; }
  bool closed() const { return closed_; }
  Request Closed() { return {&closers_, "the connection to be closed"}; }

  const Endpoint& peer() const { return peer_; }
  int fd() const { return socket_.get(); }

 private:
  bool OnReadable() override;
  void OnWritable();
  // Returns how many bytes the kernel took; sets send_error_.
  std::size_t Send(std::string_view bytes);
  void SendFailed();
  void WatchWritable();
  void Unwatch();
  void Finish();

  EventLoop& loop_;
  Descriptor socket_;
  const Endpoint peer_;
  const std::size_t high_water_;

  ByteQueue received_;
  bool at_end_ = false;
  int receive_error_ = 0;
  bool being_read_ = false;
  bool maybe_more_ = true;         // recv may find something
  bool watches_readable_ = false;  // the loop calls OnReadable
  int without_waiting_ = 0;        // how often, one after the other

  ByteQueue unsent_;           // not empty: the loop calls OnWritable
  bool ends_writing_ = false;  // WriteEof
  int send_error_ = 0;
  std::size_t lost_ = 0;  // bytes that were written and could not be sent
  bool told_ = false;     // and somebody knows

  bool closing_ = false;
  bool aborted_ = false;
  bool closed_ = false;
  WaitingTasks readers_, drainers_, closers_;
};

class Connection::Waiting final : public WaitingTask {
 public:
  Waiting(WaitingTasks& list, const char* what, unsigned line)
      : WaitingTask(line), list_(list), what_(what) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) { list_.Add(*this); }
  void await_resume() const { End(); }
  std::string Describe() const override { return what_; }

 private:
  WaitingTasks& list_;
  const char* const what_;
};

inline Connection::Waiting Connection::Request::AwaitAt(unsigned line) const {
  return Waiting(*list, what, line);
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_CONNECTION_H_
