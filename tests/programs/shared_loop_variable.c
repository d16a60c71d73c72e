/* Each of three threads marks its own seat, whose number it is told by pointer.
 *
 * Bug: all are given the address of the loop's one variable, and read it when they get to run: by
 * then it may say the next seat, or one that does not exist.
 * Fix: a number for each.
 * Idea: "sigma" of the pthread programs of SV-COMP; the manual page of pthread_create shows it right.
 */
#include <assert.h>
#include <pthread.h>

#define SEATS 3

struct seat {
  int *number;
  int *taken;
};

static void *sit(void *argument) {
  struct seat *seat = argument;
  seat->taken[*seat->number] = 1;
  return NULL;
}

int main(void) {
  int taken[SEATS + 1] = {0}, numbers[SEATS] = {0}, next;
  pthread_t threads[SEATS];
  struct seat seats[SEATS];
  for (next = 0; next < SEATS; ++next) {
    seats[next].number = &numbers[next];
    *seats[next].number = next;
#ifndef FIXED
    seats[next].number = &next;
#endif
    seats[next].taken = taken;
    pthread_create(&threads[next], NULL, sit, &seats[next]);
  }
  for (int i = 0; i < SEATS; ++i) pthread_join(threads[i], NULL);
  for (int i = 0; i < SEATS; ++i) assert(taken[i]);
  return 0;
}
