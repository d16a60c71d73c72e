// Lab 02, the articles' programs on threads.
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::Log;
using interleave::Print;
using interleave::SetThreadName;
using namespace std::chrono_literals;

namespace {

// ---- messages on threads (S2.02 and S2.22) ----

void DelayMessage(std::chrono::seconds delay, const std::string& message) {
  Log(message + " received");
  std::this_thread::sleep_for(delay);
  Log("Printing " + message);
}

// The names are the article's: its notebook had started three threads before.
std::string MessagesOnThreads() {
  Log("Main started");
  std::thread two([] {
    SetThreadName("Thread-4");
    DelayMessage(2s, "TWO");
  });
  std::thread three([] {
    SetThreadName("Thread-5");
    DelayMessage(3s, "THREE");
  });
  two.join();
  three.join();
  Log("Main Ended");
  return "both printed";
}

// In the article's coroutines THREE blocks the loop, and everybody waits for it (lab 23). Here it
// even computes all the time, and only THREE itself is busy.
std::string FiveMessages() {
  Log("Main started");
  std::vector<std::thread> threads;
  threads.emplace_back(DelayMessage, 1s, "ONE");
  threads.emplace_back(DelayMessage, 2s, "TWO");
  threads.emplace_back([] {
    Log("THREE received");
    interleave::Compute(3s);
    Log("Printing THREE");
  });
  threads.emplace_back(DelayMessage, 4s, "FOUR");
  threads.emplace_back(DelayMessage, 5s, "FIVE");
  for (std::thread& thread : threads) thread.join();
  Log("Main Ended");
  return "all printed";
}

// ---- three lanes (S0.01) ----

void RunTask(int number) {
  SetThreadName("task " + std::to_string(number));
  for (const char* half : {"first", "second"}) {
    Log(std::string(half) + " half");
    interleave::Compute(1s);
  }
}

std::string ThreeLanes() {
  std::vector<std::thread> tasks;
  for (int number : {1, 2, 3}) tasks.emplace_back(RunTask, number);
  for (std::thread& task : tasks) task.join();
  return "all done";
}

// ---- two downloads (S4.08) ----

void Download(const std::string& filename, int size) {
  SetThreadName(filename);
  for (int i = 0; i < size; ++i) {
    Print(filename + " downlaoded " + std::to_string(i) + " MB");  // spelt as in the article
    std::this_thread::sleep_for(1s);
  }
}

// Nobody joins these threads in the article: Python's main thread waits for them at its end. In
// C++ a std::thread that is destroyed without join or detach ends the program, and a detached one
// dies with main in the middle of its download. So: join.
std::string TwoDownloads() {
  std::thread pictures(Download, "pictures.zip", 5);
  std::thread music(Download, "musiz.zip", 10);
  pictures.join();
  music.join();
  return "15 lines";
}

// What happens without: nobody waits, and what is left of the file is nobody's business.
std::string Detached() {
  std::thread(Download, "pictures.zip", 5).detach();
  std::this_thread::sleep_for(2500ms);
  return "main returns";
}

// ---- what is a thread's own (S4.07) ----

thread_local int own_visits = 0;  // one for each thread
int all_visits = 0;               // one for all of them, so it needs a lock
std::mutex all_visits_mutex;

void Visit(const char* name, int times) {
  SetThreadName(name);
  int visits = 0;  // on the stack, and each thread has its own
  for (int i = 0; i < times; ++i) {
    ++visits;
    ++own_visits;
    std::lock_guard<std::mutex> lock(all_visits_mutex);
    ++all_visits;
  }
  Log("local variable " + std::to_string(visits) + ", thread_local " + std::to_string(own_visits));
}

std::string OwnStacks() {
  all_visits = 0;
  std::thread one(Visit, "visitor-1", 3);
  std::thread two(Visit, "visitor-2", 4);
  one.join();
  two.join();
  Log("thread_local " + std::to_string(own_visits) + ", global " + std::to_string(all_visits));
  return "global " + std::to_string(all_visits);
}

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("messages", MessagesOnThreads)
      .Id("S2.02")
      .StartsAt("12:39:05")
      .Says("lab 01's two messages on two threads: 3 s instead of 5 s")
      .Outcome("both printed")
      .Takes(3s)
      .ShowsTimeline();
  lab.Scenario("five_messages", FiveMessages)
      .Id("S2.22")
      .StartsAt("11:07:31")
      .Says("five threads; THREE computes for 3 s and stalls nobody")
      .Outcome("all printed")
      .Takes(5s)
      .ShowsTimeline();
  lab.Scenario("three_lanes", ThreeLanes)
      .Id("S0.01")
      .Says("lab 01's three tasks, a thread and a core for each: 2 s instead of 6 s")
      .Outcome("all done")
      .Takes(2s)
      .Cores(3)
      .ShowsTimeline();
  lab.Scenario("two_downloads", TwoDownloads)
      .Id("S4.08")
      .OnRequest()
      .Says("two downloads side by side, a line for each megabyte")
      .Outcome("15 lines")
      .Takes(10s)
      .ShowsTimeline();
  lab.Scenario("detached", Detached)
      .OnRequest()
      .Says("nobody waits for the download: it is cut off when main returns")
      .Outcome("main returns")
      .Takes(3s)
      .LeavesThreadsRunning();
  lab.Scenario("own_stacks", OwnStacks)
      .Id("S4.07")
      .Says("what a thread has for itself, and what all share")
      .Outcome("global 7");
}
