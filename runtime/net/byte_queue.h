// runtime/net/byte_queue.h
//
// Bytes that come in at the end and leave at the front. What has left is only marked, and moved out
// of the way when it is more than what is left; so taking a thousand short lines out of a long
// buffer copies each byte once or twice, and not a thousand times.
//
// Threads: none of its own.

#ifndef INTERLEAVE_RUNTIME_NET_BYTE_QUEUE_H_
#define INTERLEAVE_RUNTIME_NET_BYTE_QUEUE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace interleave {

class ByteQueue {
 public:
  bool empty() const { return size() == 0; }
  std::size_t size() const { return bytes_.size() - gone_; }
  // Valid until the next call that changes something.
  std::string_view view() const { return std::string_view(bytes_).substr(gone_); }

  void Append(std::string_view added) {
    if (bytes_.empty()) {
      bytes_ = added;
    } else {
      bytes_.append(added);
    }
  }
  // REQUIRES: size <= size().
  void RemoveFirst(std::size_t size) {
    gone_ += size;
    if (gone_ * 2 < bytes_.size()) return;
    bytes_.erase(0, gone_);
    gone_ = 0;
  }
  std::string TakeFirst(std::size_t size) {
    if (size == bytes_.size()) return std::exchange(bytes_, {});  // so none is gone: no copy
    std::string taken(view().substr(0, size));
    RemoveFirst(size);
    return taken;
  }
  // Gives the memory back, too.
  void Clear() {
    bytes_ = std::string();
    gone_ = 0;
  }

 private:
  std::string bytes_;
  std::size_t gone_ = 0;  // of them, at the front
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_BYTE_QUEUE_H_
