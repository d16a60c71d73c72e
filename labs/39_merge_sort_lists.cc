#include "labs/39_merge_sort_lists.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <random>
#include <stdexcept>
#include <system_error>

#include "runtime/lab/compute.h"
#include "runtime/lab/log.h"

using interleave::InSimulation;

namespace {

int lists = 1000;

}  // namespace

Lists::Lists()
    : length_(InSimulation() ? 30 : 30'000), numbers_(length_ * static_cast<std::size_t>(lists)) {
  std::mt19937 random(1);
  for (int& number : numbers_) number = static_cast<int>(random() % 500'000);
}

int Lists::count() const { return lists; }

std::string Lists::Checked() const {
  bool sorted = true;
  for (int i = 0; i < lists; ++i) {
    const std::span<int> list = (*this)[i];
    sorted = sorted && std::is_sorted(list.begin(), list.end());
  }
  return sorted ? "all lists are sorted" : "a list is not sorted";
}

void TakeLists(const std::string& text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lists);
  if (error != std::errc() || end != text.data() + text.size() || lists < 1 || lists > 1000) {
    throw std::invalid_argument("'" + text + "' is no number from 1 to 1000");
  }
}

std::chrono::nanoseconds Stated(std::chrono::nanoseconds cost) {
  return InSimulation() ? cost : std::chrono::nanoseconds(0);
}

void Charge(std::chrono::nanoseconds cost) {
  if (InSimulation()) interleave::Compute(cost);
}

int Workers() {
  cpu_set_t allowed;
  if (InSimulation() || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 4;
  return std::max(1, CPU_COUNT(&allowed));
}

std::string Timed(const char* what, const std::function<void(const Lists&)>& sort) {
  const Lists all;
  const auto began = std::chrono::steady_clock::now();
  sort(all);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  char row[80];
  std::snprintf(row, sizeof row, "%-28s %7.2f s", what, took.count());
  interleave::Print(row);
  return all.Checked();
}
