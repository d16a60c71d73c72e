/* A piece of a C program: no destructors, so what is to be done at pthread_exit is pushed. */
#include <pthread.h>
#include <string.h>

extern char c_program_log[16];

static void Note(void* text) { strcat(c_program_log, text); }

static void Leave(void) {
  pthread_cleanup_push(Note, "3");
  pthread_exit("left");
  pthread_cleanup_pop(1);
}

void* CProgram(void* argument) {
  pthread_cleanup_push(Note, "popped ");
  pthread_cleanup_pop(1);
  pthread_cleanup_push(Note, "1");
  pthread_cleanup_push(Note, "2");
  Leave();
  pthread_cleanup_pop(1);
  pthread_cleanup_pop(1);
  return argument;
}
