// A line that is machine code in both files that include it.
template <typename Number>
void AddOne(Number& number) {
  number = static_cast<Number>(number + 1);
}

struct Sums {
  int unused = 0;
  int here = 0;
  long there = 0;
};

void AddThere(Sums& sums);
