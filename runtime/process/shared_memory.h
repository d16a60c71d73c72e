// runtime/process/shared_memory.h
//
// Processes share nothing, unless they ask for it. This memory is seen by all processes that have
// it, at once and without a copy:
//
//   SharedArray<int> numbers(1'000'000);                   // all 0
//   auto counter = Shared<std::atomic<int>>::Make(0);
//   Process child = Process::Fork([=] { numbers[0] = 7; ++*counter; return 0; });
//   child.Wait();                                          // numbers[0] == 7, *counter == 1
//
// A forked child has what the parent had when it was forked. To others it travels as an argument or
// result of a job (process_pool.h): what is sent is a descriptor, not the content.
//
// Behind it is a file without a name (memfd) that both map: nothing of it is in /dev/shm, and the
// last process that ends, however it ends, takes it along. Copies of a handle mean the same memory.
//
// What may lie in it: plain data, std::atomic without locks, ProcessMutex. Nothing that has
// pointers: another process maps it elsewhere. And whatever goes on between threads goes on between
// processes: two that write one place without a lock or an atomic have a data race.
//
// Threads: handles as std::shared_ptr, content as above.

#ifndef INTERLEAVE_RUNTIME_PROCESS_SHARED_MEMORY_H_
#define INTERLEAVE_RUNTIME_PROCESS_SHARED_MEMORY_H_

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "runtime/net/descriptor.h"
#include "runtime/process/serialize.h"

namespace interleave {

// Bytes, all 0 in the beginning.
class SharedMemory {
 public:
  SharedMemory() = default;  // none
  // Throws: std::system_error if there is not so much.
  explicit SharedMemory(std::size_t size);
  // Another handle's fd(), from another process.
  explicit SharedMemory(Descriptor file);

  std::size_t size() const { return mapping_ == nullptr ? 0 : mapping_->size; }
  std::byte* data() const { return mapping_ == nullptr ? nullptr : mapping_->data; }
  int fd() const { return mapping_ == nullptr ? -1 : mapping_->file.get(); }

  void save(ByteWriter& writer) const;
  void load(ByteReader& reader);

 private:
  struct Mapping {
    Mapping(Descriptor file, std::size_t size);
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping();
    Descriptor file;
    std::size_t size;
    std::byte* data;
  };
  std::shared_ptr<const Mapping> mapping_;
};

template <typename T>
class SharedArray {
  static_assert(std::is_trivially_copyable_v<T>, "a SharedArray is for plain data");

 public:
  SharedArray() = default;  // empty
  explicit SharedArray(std::size_t size) : memory_(size * sizeof(T)), size_(size) {}

  std::size_t size() const { return size_; }
  T* begin() const { return reinterpret_cast<T*>(memory_.data()); }
  T* end() const { return begin() + size_; }
  T& operator[](std::size_t index) const { return begin()[index]; }
  operator std::span<T>() const { return {begin(), size_}; }

  void save(ByteWriter& writer) const { writer(size_, memory_); }
  void load(ByteReader& reader) {
    reader(size_, memory_);
    if (size_ > memory_.size() / sizeof(T))
      throw std::length_error("SharedArray: too little memory");
  }

 private:
  SharedMemory memory_;
  std::size_t size_ = 0;
};

// One object. Its destructor is never called: who would be the last?
template <typename T>
class Shared {
  static_assert(!std::is_pointer_v<T>, "a pointer means nothing in another process");

 public:
  Shared() = default;  // none

  template <typename... Args>
  static Shared Make(Args&&... args) {
    Shared made;
    made.memory_ = SharedMemory(sizeof(T));
    new (made.memory_.data()) T(std::forward<Args>(args)...);
    return made;
  }

  T* get() const { return std::launder(reinterpret_cast<T*>(memory_.data())); }
  T& operator*() const { return *get(); }
  T* operator->() const { return get(); }

  void save(ByteWriter& writer) const { writer(memory_); }
  void load(ByteReader& reader) {
    reader(memory_);
    if (memory_.size() < sizeof(T)) throw std::length_error("Shared: too little memory");
  }

 private:
  SharedMemory memory_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_SHARED_MEMORY_H_
