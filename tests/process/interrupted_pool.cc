// tests/process/interrupted_pool.cc
//
// Waits for jobs that do not end, until Ctrl-C. For interrupted_pool_test.sh.

#include <unistd.h>

#include <iostream>
#include <vector>

#include "runtime/async/run.h"
#include "runtime/async/wrap_future.h"
#include "runtime/process/process_pool.h"

namespace {

using interleave::Future;

void Forever() {
  for (;;) pause();
}

// Returns the exit status: Ctrl-C may be heard by the workers first.
interleave::Task<int> Main() {
  interleave::ProcessPool pool(2);
  std::vector<Future<void>> jobs;
  for (int i = 0; i < 5; ++i) jobs.push_back(pool.Submit<Forever>());
  std::cout << "waiting" << std::endl;
  try {
    co_await interleave::WrapFuture(jobs[0]);
  } catch (const interleave::TaskCancelled&) {      // Ctrl-C was heard here first
  } catch (const interleave::BrokenProcessPool&) {  // or by the workers
  }
  int status = 0;
  for (const Future<void>& job : jobs) {
    try {
      job.Get();
    } catch (const interleave::BrokenProcessPool& error) {
      std::cout << error.what() << std::endl;
      if (error.signal() == "SIGINT") status = 130;
    } catch (const interleave::Cancelled&) {
      std::cout << "cancelled" << std::endl;
    }
  }
  co_return status;
}

}  // namespace

int main() {
  try {
    return interleave::Run(Main());
  } catch (const interleave::Interrupted&) {
    return 130;
  }
}
