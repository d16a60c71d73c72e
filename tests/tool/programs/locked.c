/* Correct, in C; prints twice its argument. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int sum;

static void* add(void* amount) {
  pthread_mutex_lock(&mutex);
  sum += *(int*)amount;
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(int argc, char** argv) {
  int amount = argc > 1 ? atoi(argv[1]) : 1;
  pthread_t a, b;
  pthread_create(&a, NULL, add, &amount);
  pthread_create(&b, NULL, add, &amount);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  printf("%s got %d\n", argc > 2 ? argv[2] : "nobody", sum);
  return 0;
}
