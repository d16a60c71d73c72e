/* An agent puts tobacco and paper on the table; one of the smokers lacks just these two.
 *
 * Bug: each smoker takes what it needs one by one. The one that needs paper and matches takes the
 * paper and waits for matches; the one that needs tobacco and paper has only tobacco.
 * Fix: whoever needs two things takes both or none, here under a lock.
 * Idea: Patil 1971, the cigarette smokers' problem, in Downey's words.
 */
#include <pthread.h>
#include <semaphore.h>

enum { TOBACCO, PAPER, MATCHES, THINGS };

struct table {
  sem_t things[THINGS];
  pthread_mutex_t mutex;
  sem_t smoked;
};

static int take_both(struct table *table, int one, int other) {
#ifdef FIXED
  pthread_mutex_lock(&table->mutex);
  int got = sem_trywait(&table->things[one]) == 0;
  if (got && sem_trywait(&table->things[other]) != 0) {
    sem_post(&table->things[one]);
    got = 0;
  }
  pthread_mutex_unlock(&table->mutex);
  return got;
#else
  sem_wait(&table->things[one]);
  sem_wait(&table->things[other]);
  return 1;
#endif
}

static void *with_matches(void *argument) {
  struct table *table = argument;
  if (take_both(table, TOBACCO, PAPER)) sem_post(&table->smoked);
  return NULL;
}

static void *with_tobacco(void *argument) {
  struct table *table = argument;
  if (take_both(table, PAPER, MATCHES)) sem_post(&table->smoked);
  return NULL;
}

int main(void) {
  struct table table = {.mutex = PTHREAD_MUTEX_INITIALIZER};
  pthread_t lucky, unlucky;
  for (int i = 0; i < THINGS; ++i) sem_init(&table.things[i], 0, 0);
  sem_init(&table.smoked, 0, 0);
  sem_post(&table.things[TOBACCO]);
  sem_post(&table.things[PAPER]);
  pthread_create(&lucky, NULL, with_matches, &table);
  pthread_create(&unlucky, NULL, with_tobacco, &table);
  sem_wait(&table.smoked);
  pthread_join(lucky, NULL);
  for (int i = 0; i < 2; ++i) sem_post(&table.things[i + 1]);
  pthread_join(unlucky, NULL);
  return 0;
}
