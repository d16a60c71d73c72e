/* Numbers for orders come from a volatile counter; three are wanted at once.
 *
 * Bug: volatile makes neither one step of reading and adding nor an order between threads.
 * Fix: an atomic counter.
 * Idea: Boehm, "Should volatile acquire atomicity and thread visibility semantics?", 2006: no.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#ifdef FIXED
static atomic_int next;
#else
static volatile int next;
#endif

static void *order(void *argument) {
  *(int *)argument = next++;
  return NULL;
}

int main(void) {
  int numbers[3];
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, order, &numbers[i]);
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  assert(next == 3);
  assert(numbers[0] + numbers[1] + numbers[2] == 0 + 1 + 2);
  return 0;
}
