// A loop that gcc divides among threads of its own.
#include <stdio.h>

int main(void) {
  int sum = 0;
#pragma omp parallel for num_threads(3) reduction(+ : sum)
  for (int i = 0; i < 6; ++i) sum += i;
  printf("%d\n", sum);
}
