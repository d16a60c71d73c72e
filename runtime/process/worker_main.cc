// runtime/process/worker_main.cc

#include "runtime/process/worker_main.h"

#include <fcntl.h>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "runtime/process/jobs.h"
#include "runtime/process/message_channel.h"
#include "runtime/process/process_hooks.h"
#include "runtime/process/remote_errors.h"
#include "runtime/process/serialize.h"
#include "runtime/process/throw_place.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

constexpr std::string_view kWorker = "--interleave-worker=";
constexpr std::string_view kParentListens = "--interleave-parent-listens";

bool can_serve_spawned = false;

constinit ProcessHooks hooks;  // may be set before main

// In a worker whose parent listens, and there only.
MessageChannel* to_parent = nullptr;
std::uint64_t job_number = 0;

bool SendError(MessageChannel& channel, std::uint64_t number) {
  ByteWriter error;
  error(DescribeCurrentException());
  return channel.Send(MessageKind::kError, number, error.bytes(), {}, true) ==
         MessageChannel::Sent::kYes;
}

// False: there is nobody left to send it to.
bool DoJob(MessageChannel& channel, Message& message) {
  const std::uint64_t number = message.number;
  try {
    ByteWriter result;
    {
      ByteReader arguments(message.body, std::move(message.descriptors));
      std::string name;
      arguments(name);
      const JobCall call = FindJob(name);
      if (call == nullptr) throw std::logic_error("this worker knows no job named " + name);
      call(arguments, result);
    }
    return channel.Send(MessageKind::kValue, number, result.bytes(), result.descriptors(), true) ==
           MessageChannel::Sent::kYes;
  } catch (...) {  // of the job, or of a result that can't be sent
    return SendError(channel, number);
  }
}

}  // namespace

void SetProcessHooks(const ProcessHooks& new_hooks) { hooks = new_hooks; }
const ProcessHooks& process_hooks() {
  static constinit ProcessHooks none;
  return hooks.active != nullptr && hooks.active() ? hooks : none;
}

void TellParent(std::string_view words) {
  if (to_parent == nullptr) return;
  Message go_on;
  to_parent->Send(MessageKind::kSays, job_number, words, {}, true);
  if (to_parent->Receive(go_on, true) != MessageChannel::Received::kMessage) {
    std::_Exit(1);  // the parent is gone, and nobody waits for the job
  }
}

int ServeJobs(Descriptor socket, const std::string& name, bool parent_listens) {
  SetThreadName(name);
  RememberThrows();
  // The channel's next message takes the place of a job's arguments: words have one of their own.
  MessageChannel channel(Descriptor(fcntl(socket.get(), F_DUPFD_CLOEXEC, 3)));
  MessageChannel words(std::move(socket));
  if (parent_listens) {
    to_parent = &words;
    if (hooks.in_worker != nullptr) hooks.in_worker();
  }
  Message message;
  while (channel.Receive(message, true) == MessageChannel::Received::kMessage) {
    job_number = message.number;
    if (!DoJob(channel, message)) return 1;
  }
  return 0;
}

bool CanServeSpawned() { return can_serve_spawned; }

std::vector<std::string> SpawnedWorkerArguments(const std::string& name, bool parent_listens) {
  std::vector<std::string> arguments = {"/proc/self/exe", std::string(kWorker) + name};
  if (parent_listens) arguments.emplace_back(kParentListens);
  return arguments;
}

void ServeIfWorker(int argc, char** argv) {
  can_serve_spawned = true;
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (!first.starts_with(kWorker)) return;
  fcntl(kSocketOfSpawned, F_SETFD, FD_CLOEXEC);
  std::exit(ServeJobs(Descriptor(kSocketOfSpawned), std::string(first.substr(kWorker.size())),
                      argc > 2 && argv[2] == kParentListens));
}

}  // namespace interleave
