// tests/bench/engine_programs.h
//
// The programs that the benchmarks simulate. They are compiled like a lab, with every access to
// memory watched; the benchmarks themselves are not.
#ifndef INTERLEAVE_TESTS_BENCH_ENGINE_PROGRAMS_H_
#define INTERLEAVE_TESTS_BENCH_ENGINE_PROGRAMS_H_

#include <string>

// Two threads, counter = counter + 1 on each.
std::string TwoIncrements();

// Two threads that yield to each other, `kYields` times each.
inline constexpr int kYields = 100'000;
std::string Yields();

// 1,000 threads of 100 steps each.
std::string ThousandThreads();

#endif  // INTERLEAVE_TESTS_BENCH_ENGINE_PROGRAMS_H_
