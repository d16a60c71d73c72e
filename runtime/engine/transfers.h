// runtime/engine/transfers.h
//
// One call that moves bytes, as a step: stop until the descriptor is ready, do the real call, which
// then does not wait, pass on what the threads know, and see who can go on now. A call that may not
// wait (O_NONBLOCK, MSG_DONTWAIT) is a step that looks.
#ifndef INTERLEAVE_RUNTIME_ENGINE_TRANSFERS_H_
#define INTERLEAVE_RUNTIME_ENGINE_TRANSFERS_H_

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

namespace interleave::engine {

struct TransferCall {
  int fd;
  std::uintptr_t place;
  std::size_t size;         // bytes asked for
  bool dont_wait = false;   // by its own flags; those of the descriptor count besides
  bool whole = false;       // may not be cut: a message, an eventfd's number
  bool until_full = false;  // of a receive: MSG_WAITALL
  bool no_signal = false;   // of a send: MSG_NOSIGNAL
};

// The real call for the bytes from `done` on, at most `limit` of them, with errno. Refers to a
// function object that the caller keeps.
class RealTransfer {
 public:
  template <typename Function>
  RealTransfer(const Function& function)
      : object_(&function), invoke_([](const void* object, std::size_t done, std::size_t limit) {
          return (*static_cast<const Function*>(object))(done, limit);
        }) {}

  ssize_t operator()(std::size_t done, std::size_t limit) const {
    return invoke_(object_, done, limit);
  }

 private:
  const void* object_;
  ssize_t (*invoke_)(const void*, std::size_t, std::size_t);
};

// The results are those of read and write, with errno. REQUIRES: not in an EngineScope.
ssize_t Receive(const TransferCall& call, const RealTransfer& real);
ssize_t Send(const TransferCall& call, const RealTransfer& real);

// write and writev, of a simulated thread.
ssize_t WriteDescriptor(int fd, const void* bytes, std::size_t size, std::uintptr_t place);
ssize_t WriteDescriptor(int fd, const iovec* pieces, int count, std::uintptr_t place);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_TRANSFERS_H_
