// runtime/process/throw_place.h
//
// Where an exception was thrown: in C++ it does not know it itself. Every throw calls a function of
// the language's library (__cxa_throw), whose place is taken here: in a thread that asked for it
// the return addresses are noted before the exception goes its way, and turned into "file.cc:12" by
// the debug information when somebody wants to know.
//
//   RememberThrows();
//   try { Work(); } catch (...) { std::cerr << PlaceOfLastThrow(); }   // parse.cc:12
//
// For a throw in the standard library (vector::at) it is the place of our code that called it.
//
// Threads: each has a memory of its own.

#ifndef INTERLEAVE_RUNTIME_PROCESS_THROW_PLACE_H_
#define INTERLEAVE_RUNTIME_PROCESS_THROW_PLACE_H_

#include <string>

namespace interleave {

// From now on, in this thread. A throw costs some microseconds more.
void RememberThrows();

// "" if nothing was thrown since, or if the program has no debug information.
std::string PlaceOfLastThrow();

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_THROW_PLACE_H_
