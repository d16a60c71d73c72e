#include "tests/engine/replayed_header.h"

// Of this line's accesses only those to `number` race.
void AddInTheOtherUnit(long& number) {
  short mine = 0;
  AddOne(mine);
  AddOne(number);
}
