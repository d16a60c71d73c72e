/* Four philosophers at a round table, a fork between each two; each eats once.
 *
 * Bug: everybody takes the left fork first. When all have, all wait.
 * Fix: one of them takes the right one first.
 * Idea: Dijkstra 1965, Hoare's form; "dining philosophers" of Inspect and SCTBench.
 */
#include <assert.h>
#include <pthread.h>

#define SEATS 4

struct table {
  pthread_mutex_t forks[SEATS];
  int meals[SEATS];
};

struct seat {
  struct table *table;
  int number;
};

static void *dine(void *argument) {
  struct seat *seat = argument;
  struct table *table = seat->table;
  int first = seat->number, second = (seat->number + 1) % SEATS;
#ifdef FIXED
  if (second < first) {
    first = second;
    second = seat->number;
  }
#endif
  pthread_mutex_lock(&table->forks[first]);
  pthread_mutex_lock(&table->forks[second]);
  table->meals[seat->number]++;
  pthread_mutex_unlock(&table->forks[second]);
  pthread_mutex_unlock(&table->forks[first]);
  return NULL;
}

int main(void) {
  struct table table = {.meals = {0}};
  struct seat seats[SEATS];
  pthread_t threads[SEATS];
  for (int i = 0; i < SEATS; ++i) pthread_mutex_init(&table.forks[i], NULL);
  for (int i = 0; i < SEATS; ++i) {
    seats[i].table = &table;
    seats[i].number = i;
    pthread_create(&threads[i], NULL, dine, &seats[i]);
  }
  for (int i = 0; i < SEATS; ++i) pthread_join(threads[i], NULL);
  for (int i = 0; i < SEATS; ++i) assert(table.meals[i] == 1);
  return 0;
}
