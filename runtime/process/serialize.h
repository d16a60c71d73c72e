// runtime/process/serialize.h
//
// Between processes only bytes travel. What a value is in bytes, and back, says the library cereal:
// it knows numbers, strings, the containers of the standard library, pairs, optionals, durations,
// and each class that has a member function for it:
//
//   struct Job {
//     std::string name;
//     std::vector<int> numbers;
//     template <typename Archive>
//     void serialize(Archive& archive) { archive(name, numbers); }
//   };
//
//   ByteWriter writer;
//   writer(7, Job{"sort", {3, 1, 2}});
//   ByteReader reader(writer.bytes());
//   int seven;
//   Job job;
//   reader(seven, job);              // a copy: what is done to it, only its owner sees
//
// Serializable<T> is true for these. A pointer, a reference, a thread or a mutex means nothing in
// another process, and does not compile.
//
// A descriptor can travel, too (shared_memory.h does so): the bytes then go with a list of them,
// and the other process gets its own number for the same open file.
//
// Both sides are the same program on the same machine, so nothing is said about byte order. A
// reader that comes to the end too early throws cereal::Exception.
//
// Threads: a writer and a reader belong to one thread at a time.

#ifndef INTERLEAVE_RUNTIME_PROCESS_SERIALIZE_H_
#define INTERLEAVE_RUNTIME_PROCESS_SERIALIZE_H_

#include <fcntl.h>

#include <cereal/cereal.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/complex.hpp>
#include <cereal/types/deque.hpp>
#include <cereal/types/list.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/unordered_set.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>
#include <cerrno>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/net/descriptor.h"

namespace interleave {

class ByteWriter : public cereal::OutputArchive<ByteWriter, cereal::AllowEmptyClassElision> {
 public:
  ByteWriter() : OutputArchive(this) {}

  const std::string& bytes() const { return bytes_; }

  // A copy of `fd` goes along. Throws: std::system_error if this process has no descriptor left.
  void AddDescriptor(int fd) {
    Descriptor copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
    if (!copy) throw std::system_error(errno, std::generic_category(), "a descriptor to be sent");
    descriptors_.push_back(std::move(copy));
  }
  const std::vector<Descriptor>& descriptors() const { return descriptors_; }

  // What `other` has written, which is then empty.
  void Append(ByteWriter& other) {
    bytes_ += std::exchange(other.bytes_, {});
    for (Descriptor& one : other.descriptors_) descriptors_.push_back(std::move(one));
    other.descriptors_.clear();
  }

  std::string TakeBytes() { return std::move(bytes_); }
  std::vector<Descriptor> TakeDescriptors() { return std::move(descriptors_); }

  // For cereal.
  void saveBinary(const void* data, std::size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
  }

 private:
  std::string bytes_;
  std::vector<Descriptor> descriptors_;
};

class ByteReader : public cereal::InputArchive<ByteReader, cereal::AllowEmptyClassElision> {
 public:
  // `bytes` must outlive it.
  explicit ByteReader(std::string_view bytes, std::vector<Descriptor> descriptors = {})
      : InputArchive(this), left_(bytes), descriptors_(std::move(descriptors)) {}

  // The next one that came along, in the order of AddDescriptor. Throws: cereal::Exception.
  Descriptor TakeDescriptor() {
    if (taken_ == descriptors_.size()) throw cereal::Exception("a descriptor is missing");
    return std::move(descriptors_[taken_++]);
  }
  bool AtEnd() const { return left_.empty(); }

  // For cereal.
  void loadBinary(void* data, std::size_t size) {
    if (size > left_.size()) throw cereal::Exception("the bytes end in the midst of a value");
    if (size > 0) std::memcpy(data, left_.data(), size);
    left_.remove_prefix(size);
  }

 private:
  std::string_view left_;
  std::vector<Descriptor> descriptors_;
  std::size_t taken_ = 0;
};

template <typename T>
struct PartsAreSerializable;  // of containers, pairs, tuples and variants

template <typename T>
concept Serializable =
    !std::is_pointer_v<T> && !std::is_reference_v<T> && std::default_initializable<T> &&
    cereal::traits::is_output_serializable<T, ByteWriter>::value &&
    cereal::traits::is_input_serializable<T, ByteReader>::value && PartsAreSerializable<T>::value;

// ---- How it works ----

// cereal itself says of a std::vector<std::mutex> that it can be serialised.
template <typename... Parts>
constexpr bool kAllSerializable = (Serializable<std::remove_cv_t<Parts>> && ...);

template <typename T>
struct PartsAreSerializable : std::true_type {};
template <typename T>
requires requires { typename T::value_type; }
struct PartsAreSerializable<T> : std::bool_constant<kAllSerializable<typename T::value_type>> {};
template <typename First, typename Second>
struct PartsAreSerializable<std::pair<First, Second>>
    : std::bool_constant<kAllSerializable<First, Second>> {};
template <typename... Parts>
struct PartsAreSerializable<std::tuple<Parts...>> : std::bool_constant<kAllSerializable<Parts...>> {
};
template <typename... Parts>
struct PartsAreSerializable<std::variant<Parts...>>
    : std::bool_constant<kAllSerializable<Parts...>> {};

// What cereal asks of an archive.

template <typename T>
requires std::is_arithmetic_v<T>
void CEREAL_SAVE_FUNCTION_NAME(ByteWriter& writer, const T& value) {
  writer.saveBinary(&value, sizeof value);
}

template <typename T>
requires std::is_arithmetic_v<T>
void CEREAL_LOAD_FUNCTION_NAME(ByteReader& reader, T& value) {
  reader.loadBinary(&value, sizeof value);
}

template <typename T>  // an array of numbers, in one piece
void CEREAL_SAVE_FUNCTION_NAME(ByteWriter& writer, const cereal::BinaryData<T>& data) {
  writer.saveBinary(data.data, static_cast<std::size_t>(data.size));
}

template <typename T>
void CEREAL_LOAD_FUNCTION_NAME(ByteReader& reader, cereal::BinaryData<T>& data) {
  reader.loadBinary(data.data, static_cast<std::size_t>(data.size));
}

template <typename Archive, typename T>
requires(
    std::same_as<Archive, ByteWriter> ||
    std::same_as<Archive, ByteReader>) void CEREAL_SERIALIZE_FUNCTION_NAME(Archive& archive,
                                                                           cereal::NameValuePair<T>&
                                                                               pair) {
  archive(pair.value);
}

template <typename Archive, typename T>
requires(std::same_as<Archive, ByteWriter> ||
         std::same_as<Archive, ByteReader>) void CEREAL_SERIALIZE_FUNCTION_NAME(Archive& archive,
                                                                                cereal::SizeTag<T>&
                                                                                    tag) {
  archive(tag.size);
}

}  // namespace interleave

CEREAL_REGISTER_ARCHIVE(interleave::ByteWriter)
CEREAL_REGISTER_ARCHIVE(interleave::ByteReader)
CEREAL_SETUP_ARCHIVE_TRAITS(interleave::ByteReader, interleave::ByteWriter)

#endif  // INTERLEAVE_RUNTIME_PROCESS_SERIALIZE_H_
