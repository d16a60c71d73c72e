// tests/engine/replayed_header.h
//
// One line that is machine code in two units: of replayed_program.cc and replayed_unit.cc.
#ifndef INTERLEAVE_TESTS_ENGINE_REPLAYED_HEADER_H_
#define INTERLEAVE_TESTS_ENGINE_REPLAYED_HEADER_H_

template <typename Number>
void AddOne(Number& number) {
  number = static_cast<Number>(number + 1);
}

void AddInTheOtherUnit(long& number);

#endif  // INTERLEAVE_TESTS_ENGINE_REPLAYED_HEADER_H_
