// Lab 02, an exception in a thread (S4.12): what happens when nobody looks at it, and three who do.
#include <exception>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

namespace {

void FailingDownload() {
  interleave::SetThreadName("downloader");
  throw std::runtime_error("disk full");
}

// In Python the exception ends its thread, prints a traceback, and nobody else notices.
std::string Uncaught() {
  std::thread downloader(FailingDownload);
  downloader.join();
  return "main goes on";
}

std::string CaughtInside() {
  std::string failure;
  std::thread downloader([&] {
    try {
      FailingDownload();
    } catch (const std::exception& error) {
      failure = error.what();
    }
  });
  downloader.join();
  return "main goes on: " + failure;
}

std::string CarriedOver() {
  std::exception_ptr failure;
  std::thread downloader([&] {
    try {
      FailingDownload();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  downloader.join();
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return std::string("main goes on: ") + error.what();
  }
  return "downloaded";
}

std::string ThroughFuture() {
  std::future<void> download = std::async(std::launch::async, FailingDownload);
  try {
    download.get();
  } catch (const std::exception& error) {
    return std::string("main goes on: ") + error.what();
  }
  return "downloaded";
}

}  // namespace

void AddExceptions(interleave::Lab& lab) {
  lab.Scenario("uncaught", Uncaught)
      .Id("S4.12")
      .Says("an exception leaves a std::thread, and with it the whole program ends")
      .Outcome("uncaught std::runtime_error in downloader: disk full",
               "Whatever main wanted to do after join, it never does: std::terminate was called.");
  lab.Scenario("caught_inside", CaughtInside)
      .Says("cure 1, the thread catches it itself")
      .Outcome("main goes on: disk full");
  lab.Scenario("carried_over", CarriedOver)
      .Says("cure 2, std::exception_ptr carries it to whoever joins")
      .Outcome("main goes on: disk full");
  lab.Scenario("through_future", ThroughFuture)
      .Says("cure 3, std::future does the same by itself: get() throws it")
      .Outcome("main goes on: disk full");
}
