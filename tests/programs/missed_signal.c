/* Main waits for its worker with a condition variable and nothing else.
 *
 * Bug: a signal is not kept. If the worker is done before main waits, main waits for ever.
 * Fix: a flag, under the lock, says whether there is something to wait for.
 * Idea: Butenhof, "Programming with POSIX Threads", 3.3: a condition variable without a predicate.
 */
#include <pthread.h>

struct work {
  pthread_mutex_t mutex;
  pthread_cond_t done;
  int is_done;
};

static void *run(void *argument) {
  struct work *work = argument;
  pthread_mutex_lock(&work->mutex);
  work->is_done = 1;
  pthread_cond_signal(&work->done);
  pthread_mutex_unlock(&work->mutex);
  return NULL;
}

int main(void) {
  struct work work = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
  pthread_t worker;
  pthread_create(&worker, NULL, run, &work);
  pthread_mutex_lock(&work.mutex);
#ifdef FIXED
  while (!work.is_done)
#endif
    pthread_cond_wait(&work.done, &work.mutex);
  pthread_mutex_unlock(&work.mutex);
  pthread_join(worker, NULL);
  return 0;
}
