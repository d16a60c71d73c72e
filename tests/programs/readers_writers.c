/* The first reader locks the room, the last one opens it; a writer wants it for itself.
 *
 * Bug: the readers count themselves without a lock, and two that come or go at the same time agree
 * that none was the first or the last.
 * Fix: a lock around the count and what follows from it.
 * Idea: Courtois, Heymans and Parnas 1971; the light switch of Downey.
 */
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>

struct room {
  sem_t empty;
  pthread_mutex_t mutex;
  int readers;
  int value;
};

static void change(struct room *room, int by) {
#ifdef FIXED
  pthread_mutex_lock(&room->mutex);
#endif
  int before = room->readers;
  room->readers = before + by;
  if (before == 0) sem_wait(&room->empty);
  if (before + by == 0) sem_post(&room->empty);
#ifdef FIXED
  pthread_mutex_unlock(&room->mutex);
#endif
}

static void *read_twice(void *argument) {
  struct room *room = argument;
  change(room, 1);
  int first = room->value;
  assert(first == room->value);
  change(room, -1);
  return NULL;
}

static void *write_once(void *argument) {
  struct room *room = argument;
  sem_wait(&room->empty);
  room->value++;
  sem_post(&room->empty);
  return NULL;
}

int main(void) {
  struct room room = {.mutex = PTHREAD_MUTEX_INITIALIZER, .readers = 0, .value = 0};
  pthread_t threads[3];
  sem_init(&room.empty, 0, 1);
  pthread_create(&threads[0], NULL, read_twice, &room);
  pthread_create(&threads[1], NULL, read_twice, &room);
  pthread_create(&threads[2], NULL, write_once, &room);
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  return 0;
}
