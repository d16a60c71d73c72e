// A writer publishes a value in two tables, each with its own lock; the second always holds the
// value of the first plus one.
//
// Bug: between the two stages a reader sees the new first and the old second.
// Fix: the writer holds the first lock until the second table is written, and the reader too.
// Idea: "twostage" of the pthread programs of SV-COMP and SCTBench.
#include <cassert>
#include <mutex>
#include <thread>

namespace {

struct Tables {
  std::mutex first_mutex, second_mutex;
  int first = 0, second = 0;
};

void Write(Tables& tables) {
  std::unique_lock first(tables.first_mutex);
  tables.first = 1;
#ifndef FIXED
  first.unlock();
#endif
  std::unique_lock second(tables.second_mutex);
  tables.second = tables.first + 1;
}

void Read(Tables& tables) {
  std::unique_lock first(tables.first_mutex);
  if (tables.first == 0) return;
  int seen = tables.first;
#ifndef FIXED
  first.unlock();
#endif
  std::unique_lock second(tables.second_mutex);
  assert(tables.second == seen + 1);
}

}  // namespace

int main() {
  Tables tables;
  std::thread writer([&] { Write(tables); });
  std::thread reader([&] { Read(tables); });
  writer.join();
  reader.join();
  return 0;
}
