// A connection is closed by whoever finds out first that it is over: the reader or the writer.
//
// Bug: "is it open?" and "close it" are two steps. Both close, and the number that the second
// closes belongs to somebody else by then: the system gives numbers out again at once.
// Fix: one exchange takes the number.
// Idea: descriptors closed twice (MySQL and GoBench shutdown bugs).
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Connection {
  std::atomic<int> number{-1};

  void Close() {
#ifdef FIXED
    int mine = number.exchange(-1);
    if (mine >= 0) assert(close(mine) == 0);
#else
    if (number < 0) return;
    assert(close(number) == 0);
    number = -1;
#endif
  }
};

}  // namespace

int main() {
  Connection connection;
  connection.number = open("/dev/null", O_RDONLY);
  std::thread reader([&] { connection.Close(); });
  std::thread writer([&] { connection.Close(); });
  reader.join();
  writer.join();
  return 0;
}
