// runtime/lab/message.cc
#include "runtime/lab/message.h"

#include <utility>

#include "runtime/engine/choice.h"
#include "runtime/engine/explore.h"

namespace interleave {
namespace {

std::vector<lab::Message> messages;

void Note(std::string_view other, std::string_view what, bool is_answer) {
  if (!InSimulation()) return;
  messages.push_back(
      {VirtualTime(), SimulatedThread(), std::string(other), std::string(what), is_answer});
}

}  // namespace

void NoteRequest(std::string_view other, std::string_view what) { Note(other, what, false); }

void NoteAnswer(std::string_view other, std::string_view what) { Note(other, what, true); }

namespace lab {

void ForgetMessages() { messages.clear(); }

std::vector<Message> TakeMessages() { return std::exchange(messages, {}); }

}  // namespace lab
}  // namespace interleave
