// runtime/engine/real_time.h
#ifndef INTERLEAVE_RUNTIME_ENGINE_REAL_TIME_H_
#define INTERLEAVE_RUNTIME_ENGINE_REAL_TIME_H_

namespace interleave {

// Outside of a simulation, sleeps for a duration (std::this_thread::sleep_for, nanosleep) take
// `scale` times as long from now on, in every thread: 0.01 shows a lab of ten seconds in a tenth.
// Clocks and absolute deadlines are left alone. REQUIRES: scale >= 0.
void SetRealTimeScale(double scale);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ENGINE_REAL_TIME_H_
