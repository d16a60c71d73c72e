// tests/lab/hostile.cc
//
// A lab whose every text would like to be more than text: for the test of its page.
#include <string>
#include <string_view>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/lab/standard_output.h"
#include "runtime/threads/thread_name.h"

namespace {

using namespace std::string_view_literals;

constexpr auto kHostile =
    "</script><script>window.hacked = 1</script><!-- <script> ' \" ` ${window.hacked = 1} & &lt; "
    "\0 \033[31mred\033[0m \xff\xfe \xe2\x80\xa8 \xe2\x80\xa9 \xf0\x9f\x91\xbb {{data}} \\u003c "
    "\r\n"sv;

int counter;

void Print() {
  interleave::SetThreadName("<b>\"x\"</b>");
  ++counter;
  interleave::lab::Write(interleave::lab::kStdout, kHostile);
}

std::string Hostile() {
  counter = 0;
  std::thread one(Print), two(Print);
  one.join();
  two.join();
  return counter == 2 ? std::string(kHostile) : "<img src=x onerror='window.hacked = 1'>";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("hostile", "</title><script>window.hacked = 1</script> & \"quotes\"");
  lab.Scenario("hostile", Hostile)
      .Says("<script>window.hacked = 1</script>")
      .Outcome(std::string(kHostile), "<i onclick='window.hacked = 1'>as it should be</i>")
      .Outcome("<img src=x onerror='window.hacked = 1'>")
      .Watches("counter")
      .ShowsCensus("random:200")
      .ShowsRaces();
  lab.Notice("<svg onload='window.hacked = 1'>");
  return lab.Main(argc, argv);
}
