/* Main starts a worker and then makes the table that the worker looks things up in.
 *
 * Bug: the worker may come first, and there is no table.
 * Fix: make it first.
 * Idea: the order violations of Lu et al. 2008: "B may not run before A", and nothing says so.
 */
#include <pthread.h>
#include <stdlib.h>

static int *table;

static void *work(void *argument) {
  *(int *)argument = table[3];
  return NULL;
}

static void make_table(void) {
  int *fresh = malloc(4 * sizeof *fresh);
  for (int i = 0; i < 4; ++i) fresh[i] = i * i;
  table = fresh;
}

int main(void) {
  int square = 0;
  pthread_t worker;
#ifdef FIXED
  make_table();
#endif
  pthread_create(&worker, NULL, work, &square);
#ifndef FIXED
  make_table();
#endif
  pthread_join(worker, NULL);
  free(table);
  return square == 9 ? 0 : 1;
}
