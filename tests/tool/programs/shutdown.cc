// A thread that nobody waits for uses what main's end destroys.
#include <cstdio>
#include <string>
#include <thread>

std::string* message = nullptr;

struct Log {
  Log() { message = new std::string("hello"); }
  ~Log() {
    delete message;
    message = nullptr;
  }
};
Log the_log;

int main() {
  std::thread([] { std::printf("%s\n", message->c_str()); }).detach();
}
