// runtime/process/shared_memory.cc

#include "runtime/process/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace interleave {
namespace {

// It can't become shorter than it is, so a process that maps it never meets a hole (SIGBUS).
constexpr unsigned kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

[[noreturn]] void Fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

Descriptor NewFile(std::size_t size) {
  Descriptor file(memfd_create("interleave", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) Fail("memfd_create");
  if (ftruncate(file.get(), static_cast<off_t>(size)) != 0 ||
      fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) {
    Fail(std::to_string(size) + " bytes of shared memory");
  }
  return file;
}

}  // namespace

SharedMemory::Mapping::Mapping(Descriptor of_file, std::size_t of_size)
    : file(std::move(of_file)), size(of_size), data(nullptr) {
  if (size == 0) return;
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) Fail(std::to_string(size) + " bytes of shared memory");
  data = static_cast<std::byte*>(mapped);
}

SharedMemory::Mapping::~Mapping() {
  if (data != nullptr) munmap(data, size);
}

SharedMemory::SharedMemory(std::size_t size)
    : mapping_(std::make_shared<const Mapping>(NewFile(size), size)) {}

SharedMemory::SharedMemory(Descriptor file) {
  struct stat status;
  if (fstat(file.get(), &status) != 0) Fail("shared memory that was sent here");
  const auto size = static_cast<std::size_t>(status.st_size);
  mapping_ = std::make_shared<const Mapping>(std::move(file), size);
}

void SharedMemory::save(ByteWriter& writer) const {
  writer(mapping_ != nullptr);
  if (mapping_ != nullptr) writer.AddDescriptor(fd());
}

void SharedMemory::load(ByteReader& reader) {
  bool any = false;
  reader(any);
  *this = any ? SharedMemory(reader.TakeDescriptor()) : SharedMemory();
}

}  // namespace interleave
