/* Two threads make a text of a number, each its own.
 *
 * Bug: the function returns its one static buffer, and before the first has read it the second
 * writes it.
 * Fix: the caller brings the buffer.
 * Idea: asctime and strtok, and why there are asctime_r and strtok_r.
 */
#include <assert.h>
#include <pthread.h>

#ifdef FIXED
static const char *text_of(int number, char *text) {
#else
static const char *text_of(int number) {
  static char text[3];
#endif
  text[0] = (char)('0' + number / 10);
  text[1] = (char)('0' + number % 10);
  text[2] = '\0';
  return text;
}

static void *say(void *argument) {
  const int number = *(int *)argument;
#ifdef FIXED
  char text[3];
  const char *said = text_of(number, text);
#else
  const char *said = text_of(number);
#endif
  assert(said[0] - '0' == number / 10 && said[1] - '0' == number % 10);
  return NULL;
}

int main(void) {
  int numbers[2] = {12, 34};
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, say, &numbers[i]);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  return 0;
}
