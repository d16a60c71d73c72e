// runtime/process/worker_main.h
//
// How it works: the side of a worker. It takes one message after the other, calls the job that it
// names, and sends back what came of it, until the parent closes its end or is gone.
//
// A forked worker comes here from fork. A spawned one is this program once more, from the
// beginning, so its main must begin with ServeIfWorker:
//
//   int main(int argc, char** argv) {
//     interleave::ServeIfWorker(argc, argv);
//     ...

#ifndef INTERLEAVE_RUNTIME_PROCESS_WORKER_MAIN_H_
#define INTERLEAVE_RUNTIME_PROCESS_WORKER_MAIN_H_

#include <string>
#include <vector>

#include "runtime/net/descriptor.h"

namespace interleave {

// In a process that a pool has spawned: does the pool's work and does not return. Elsewhere:
// returns at once.
void ServeIfWorker(int argc, char** argv);

// ServeIfWorker was called in this process.
bool CanServeSpawned();

// The words that tell a spawned process that it is a worker of this name.
std::vector<std::string> SpawnedWorkerArguments(const std::string& name, bool parent_listens);
// Its number there of the socket to the parent.
constexpr int kSocketOfSpawned = 3;

// Returns the exit status. `parent_listens`: TellParent is of use.
int ServeJobs(Descriptor socket, const std::string& name, bool parent_listens);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_WORKER_MAIN_H_
