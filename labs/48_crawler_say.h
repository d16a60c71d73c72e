// Lab 48, what it prints: behind the time since it began.
#ifndef INTERLEAVE_LABS_48_CRAWLER_SAY_H_
#define INTERLEAVE_LABS_48_CRAWLER_SAY_H_

#include <string>

void StartTheClock();
void Say(const std::string& what);

#endif  // INTERLEAVE_LABS_48_CRAWLER_SAY_H_
