// A client asks and waits for one second at most; the server writes into the client's own variable.
//
// Bug: a client that has waited long enough goes home without taking its question back. A reply in
// the same moment writes into something that is not there any more.
// Fix: take the question back; if it is gone already, the reply is coming and is waited for.
// Idea: time-outs that leave a pointer behind (libcurl's and MySQL's bug trackers know several).
#include <atomic>
#include <cassert>
#include <chrono>
#include <future>
#include <thread>

namespace {

using namespace std::chrono_literals;

struct Question {
  std::promise<int> answer;
  std::atomic<bool> alive{true};
};

void Ask(std::atomic<Question*>& asked, Question& question) {
  std::future<int> answer = question.answer.get_future();
  asked = &question;
  if (answer.wait_for(1s) == std::future_status::timeout) {
#ifdef FIXED
    if (asked.exchange(nullptr) == nullptr) answer.wait();
#endif
  }
  question.alive = false;
}

void Serve(std::atomic<Question*>& asked) {
  std::this_thread::sleep_for(1s);
  Question* question = asked.exchange(nullptr);
  if (question == nullptr) return;
  assert(question->alive);
  question->answer.set_value(42);
}

}  // namespace

int main() {
  std::atomic<Question*> asked{nullptr};
  Question question;
  std::thread client([&] { Ask(asked, question); });
  std::thread server([&] { Serve(asked); });
  client.join();
  server.join();
  return 0;
}
