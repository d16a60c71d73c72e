/* At most two downloads at once; every second one fails.
 *
 * Bug: the way out of a failure forgets to give the place back. When both places are gone, whoever
 * still wants one waits for ever.
 * Fix: give it back on every way out.
 * Idea: the resource that leaks on the error path; "semaphore" bugs of JaConTeBe's pools (DBCP).
 */
#include <pthread.h>
#include <semaphore.h>

struct downloads {
  sem_t places;
  pthread_mutex_t mutex;
  int started;
};

static int fails(struct downloads *all) {
  pthread_mutex_lock(&all->mutex);
  int number = all->started++;
  pthread_mutex_unlock(&all->mutex);
  return number % 2 == 0;
}

static void *download(void *argument) {
  struct downloads *all = argument;
  sem_wait(&all->places);
  if (fails(all)) {
#ifdef FIXED
    sem_post(&all->places);
#endif
    return NULL;
  }
  sem_post(&all->places);
  return NULL;
}

int main(void) {
  struct downloads all = {.mutex = PTHREAD_MUTEX_INITIALIZER, .started = 0};
  pthread_t threads[4];
  sem_init(&all.places, 0, 2);
  for (int i = 0; i < 4; ++i) pthread_create(&threads[i], NULL, download, &all);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  sem_destroy(&all.places);
  return 0;
}
