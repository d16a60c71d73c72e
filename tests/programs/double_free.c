/* Whoever notices the end first gives the buffer back.
 *
 * Bug: both look, both see a buffer, both free it.
 * Fix: looking, freeing and forgetting under one lock.
 * Idea: Apache httpd and pbzip2 clean-ups in Lu et al. 2008; glibc ends the program when it notices.
 */
#include <pthread.h>
#include <stdlib.h>

static char *buffer;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *finish(void *argument) {
  (void)argument;
#ifdef FIXED
  pthread_mutex_lock(&mutex);
#endif
  if (buffer != NULL) {
    free(buffer);
    buffer = NULL;
  }
#ifdef FIXED
  pthread_mutex_unlock(&mutex);
#endif
  return NULL;
}

int main(void) {
  pthread_t threads[2];
  pthread_mutex_lock(&mutex);
  buffer = malloc(24);
  pthread_mutex_unlock(&mutex);
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, finish, NULL);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  return 0;
}
