// Two files, one header: with two_units_there.cc.
#include "two_units.h"

#include <cassert>
#include <thread>

int main() {
  Sums sums;
  const auto add = [&] {
    AddOne(sums.here);
    AddThere(sums);
  };
  std::thread a(add), b(add);
  a.join();
  b.join();
  assert(sums.here == 2);
  assert(sums.there == 2);
}
