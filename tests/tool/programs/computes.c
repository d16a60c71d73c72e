// Never comes to a step: what it does, no compiler tells the engine of.
int main(void) {
  for (;;) __asm__ volatile("");
}
