// runtime/process/remote_errors.cc

#include "runtime/process/remote_errors.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <typeindex>
#include <unordered_map>

#include "runtime/process/throw_place.h"

namespace interleave {
namespace {

using Types = std::unordered_map<std::string, ExceptionType>;

Types& RegisteredTypes() {
  static auto* const types = new Types;
  return *types;
}

// The cause of an exception that is thrown again.
struct ThrownElsewhere : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const bool standard_types_are_registered = [] {
  RegisterException<std::runtime_error>();
  RegisterException<std::range_error>();
  RegisterException<std::overflow_error>();
  RegisterException<std::underflow_error>();
  RegisterException<std::logic_error>();
  RegisterException<std::invalid_argument>();
  RegisterException<std::domain_error>();
  RegisterException<std::length_error>();
  RegisterException<std::out_of_range>();
  return true;
}();

std::string ReadableName(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : type.name();
}

std::string WithLostJobs(std::string text, std::size_t lost) {
  if (lost == 0) return text;
  return text + "; " + std::to_string(lost) + (lost == 1 ? " job is lost" : " jobs are lost");
}

std::string WithPlace(const std::string& type, std::string text, const std::string& place) {
  if (!text.empty()) text = ": " + text;
  return type + text + (place.empty() ? "" : " (thrown at " + place + ")");
}

}  // namespace

BrokenProcessPool::BrokenProcessPool(std::string worker, pid_t pid, std::string signal,
                                     const std::string& how, std::size_t lost_jobs)
    : BrokenExecutor(WithLostJobs(
          "worker " + worker + " (process " + std::to_string(pid) + ") " + how, lost_jobs)),
      worker_(std::move(worker)),
      pid_(pid),
      signal_(std::move(signal)),
      lost_jobs_(lost_jobs) {}

RemoteError::RemoteError(std::string type, std::string text, std::string place)
    : std::runtime_error(WithPlace(type, text, place)),
      type_(std::move(type)),
      text_(std::move(text)),
      place_(std::move(place)) {}

std::string RemotePlace(const std::exception& error) {
  if (const auto* remote = dynamic_cast<const RemoteError*>(&error)) return remote->place();
  try {
    std::rethrow_if_nested(error);
  } catch (const ThrownElsewhere& cause) {
    return cause.what();
  } catch (...) {
  }
  return "";
}

bool RegisterExceptionType(const std::type_info& type, ExceptionType how) {
  RegisteredTypes().insert_or_assign(type.name(), how);
  return true;
}

RemoteException DescribeCurrentException() {
  RemoteException told;
  told.place = PlaceOfLastThrow();
  const std::type_info* type = abi::__cxa_current_exception_type();
  told.type = type == nullptr ? "an exception" : ReadableName(*type);
  try {
    throw;
  } catch (const std::exception& error) {
    told.text = error.what();
    const auto found = RegisteredTypes().find(type->name());
    if (found == RegisteredTypes().end()) return told;
    told.key = found->first;
    found->second.save(error, told.arguments);
  } catch (...) {
  }
  return told;
}

std::exception_ptr MakeException(const RemoteException& told, const std::string& worker) {
  const std::string place = (told.place.empty() ? "" : told.place + " ") + "in " + worker;
  const auto found = RegisteredTypes().find(told.key);
  if (found == RegisteredTypes().end()) {
    return std::make_exception_ptr(RemoteError(told.type, told.text, place));
  }
  try {
    try {
      throw ThrownElsewhere(place);
    } catch (const ThrownElsewhere&) {
      found->second.raise(told);
    }
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;  // not reached: raise throws
}

}  // namespace interleave
