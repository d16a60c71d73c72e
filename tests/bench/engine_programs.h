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

// Two threads that yield to each other, 5 times each: a small program of 10 operations.
std::string TenOperations();

// A writer and a reader of two atomics behind a version, with fences.
std::string SeqLock();

// 1,000 threads of 100 steps each.
std::string ThousandThreads();

// 10,000 threads that take one mutex, 3 times each.
std::string TenThousandThreads();

#endif  // INTERLEAVE_TESTS_BENCH_ENGINE_PROGRAMS_H_
