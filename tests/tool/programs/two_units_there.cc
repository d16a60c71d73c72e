// The other half of two_units.cc. Only one of the two calls races.
#include "two_units.h"

void AddThere(Sums& sums) {
  short mine = 0;
  AddOne(mine);
  AddOne(sums.there);
}
