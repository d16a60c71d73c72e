// Lab 16: future
//
// How do you hold a value that is not there yet?
//
// A thread bakes a cake, another wants it. A plain variable between them says nothing: is it empty
// because there is no cake yet, or because there will be none? A future is the variable with the
// answer to that. Whoever makes the value holds the promise, whoever wants it the future:
//
//   std::promise<std::string> promise;                        // the baker's end
//   std::future<std::string> cake = promise.get_future();     // the customer's
//
// get() waits until the promise is kept. If it is kept with an exception, get() throws that; if it
// is dropped, get() throws that it was broken. So there is no way to wait for ever by mistake, and
// no way to overlook a failure.
//
// Run it:     bazel run //labs:16_future
//
// Notice:     The baker's exception arrives at the customer, on another thread, with its text. In
//             lab 02 an exception that left its thread ended the program.
//
//             The standard's future can only be waited for. Python's, and ours
//             (runtime/threads/future.h), can be told what to do when it is done. A callback runs
//             on the thread that keeps the promise, or at once on the one that adds it, whichever
//             comes later; so two callbacks can come in either order, on one thread or on two.
//
// Try:        --scenario=callbacks --explore=all: a schedule of each outcome
//             Forget promise.set_exception in BakeOrSayWhy. Who notices, and when?
//             --scenario=S1.03: the same future, asked again and again, and calling back
//
// Next:       17_thread_pool
#include <exception>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "runtime/lab/lab.h"
#include "runtime/threads/future.h"
#include "runtime/threads/thread_name.h"

void AddArticles(interleave::Lab& lab);  // their scenarios, in 16_future_articles.cc

namespace {

const char* cake;

std::string Peek() {
  cake = "no cake";
  std::thread baker([] {
    interleave::SetThreadName("baker");
    cake = "cake";
  });
  const char* const seen = cake;
  baker.join();
  return seen;
}

// ---- with a promise ----

std::string Wait(void (*bake)(std::promise<std::string>)) {
  std::promise<std::string> promise;
  std::future<std::string> future = promise.get_future();
  std::thread baker([&] {
    interleave::SetThreadName("baker");
    bake(std::move(promise));
  });
  std::string seen;
  try {
    seen = future.get();
  } catch (const std::future_error& error) {
    const bool broken = error.code() == std::future_errc::broken_promise;
    seen = broken ? "broken promise" : "another mistake";
  } catch (const std::exception& error) {
    seen = std::string("sorry: ") + error.what();
  }
  baker.join();
  return seen;
}

void Bake(std::promise<std::string> promise) { promise.set_value("cake"); }

void GoHome(std::promise<std::string>) {}

void BakeOrSayWhy(std::promise<std::string> promise) {
  try {
    throw std::runtime_error("the oven is cold");
  } catch (...) {
    promise.set_exception(std::current_exception());
  }
}

// ---- who calls back? ----

std::mutex calls_mutex;

std::string Callbacks() {
  std::string calls;
  interleave::Promise<std::string> promise;
  const auto note = [&](const std::string& what) {
    return [&calls, what](const interleave::Future<std::string>&) {
      const bool on_baker = interleave::ThreadName() == "baker";
      std::lock_guard<std::mutex> lock(calls_mutex);
      calls += (calls.empty() ? "" : ", ") + what + " on " + (on_baker ? "baker" : "customer");
    };
  };
  std::thread baker([&] {
    interleave::SetThreadName("baker");
    promise.SetValue("cake");
  });
  promise.GetFuture().AddDoneCallback(note("eat"));
  promise.GetFuture().AddDoneCallback(note("pay"));
  baker.join();
  return calls;
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("16_future", "Future: how do you hold a value that is not there yet?");
  lab.Scenario("peek", Peek)
      .Says("the customer looks into a plain variable while the baker bakes")
      .Outcomes({"no cake", "cake"})
      .ShowsCensus()
      .ShowsRaces();
  lab.Scenario("future", [] { return Wait(Bake); })
      .Says("the customer waits for the baker's std::promise")
      .Outcome("cake")
      .ShowsCensus();
  lab.Scenario("broken_promise", [] { return Wait(GoHome); })
      .Says("the baker goes home and drops the promise")
      .Outcome("broken promise", "get() threw that the promise was broken: nobody waits for ever.")
      .ShowsCensus();
  lab.Scenario("exception", [] { return Wait(BakeOrSayWhy); })
      .Says("the baker keeps it with an exception")
      .Outcome("sorry: the oven is cold",
               "get() threw on the customer's thread what the baker met.")
      .ShowsCensus();
  lab.Scenario("callbacks", Callbacks)
      .Says("two callbacks, added while the baker bakes: who runs them, in which order?")
      .Outcomes({"eat on baker, pay on baker", "eat on baker, pay on customer",
                 "eat on customer, pay on customer", "pay on customer, eat on baker"})
      .ShowsCensus("distinct");
  AddArticles(lab);
  lab.Notice(
      "A future answers three questions that a plain variable leaves open: is it there, will it "
      "come, and what went wrong. Nobody has to ask twice: a waiting thread is woken, and a "
      "callback is called.");
  lab.Try("--scenario=callbacks --explore=all; --scenario=S1.03; --real --scenario=downloads.");
  lab.Next("17_thread_pool");
  return lab.Main(argc, argv);
}
