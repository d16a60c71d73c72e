// runtime/lab/message.h
//
// Who asked whom, and when the answer came: marks in a program, from which the lab draws its
// sequence diagram (sequence.h).
//
//   NoteRequest("API", "character 3");
//   const HttpResponse response = http.Get(url);
//   NoteAnswer("API", "character 3");
//
// The program says it because only the program knows: a socket carries bytes, a library sends them
// for many tasks from one place, and a connection that is used again serves one after the other.
//
// Threads: from any thread of a simulation, whose name it is that stands in the diagram. Elsewhere
// it does nothing.
#ifndef INTERLEAVE_RUNTIME_LAB_MESSAGE_H_
#define INTERLEAVE_RUNTIME_LAB_MESSAGE_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace interleave {

// The calling thread asks `other` for something, now.
void NoteRequest(std::string_view other, std::string_view what);

// And has the answer.
void NoteAnswer(std::string_view other, std::string_view what);

namespace lab {

struct Message {
  std::chrono::nanoseconds time{0};  // since 1970, virtual
  std::size_t thread = 0;            // index into RunReport::threads
  std::string other;                 // "API"
  std::string what;
  bool is_answer = false;  // from `other` to the thread
};

// At the beginning of a run.
void ForgetMessages();

// Those since then, in their order. REQUIRES: not within a simulation.
std::vector<Message> TakeMessages();

}  // namespace lab
}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_LAB_MESSAGE_H_
