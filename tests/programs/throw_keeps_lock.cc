// Two customers and one article; there is an exception for whoever comes too late.
//
// Bug: the exception leaves between lock and unlock. Whoever wants the lock next waits for ever.
// Fix: std::lock_guard.
// Idea: C++ Core Guidelines CP.20: RAII, never plain lock and unlock.
#include <mutex>
#include <stdexcept>
#include <thread>

namespace {

struct Shop {
  std::mutex mutex;
  int stock = 1;

  void Buy() {
#ifdef FIXED
    std::lock_guard lock(mutex);
#else
    mutex.lock();
#endif
    if (stock == 0) throw std::runtime_error("sold out");
    --stock;
#ifndef FIXED
    mutex.unlock();
#endif
  }

  int Stock() {
    std::lock_guard lock(mutex);
    return stock;
  }
};

}  // namespace

int main() {
  Shop shop;
  auto customer = [&] {
    try {
      shop.Buy();
    } catch (const std::runtime_error&) {
    }
  };
  std::thread a(customer), b(customer);
  std::thread owner([&] { shop.Stock(); });
  a.join();
  b.join();
  owner.join();
  return 0;
}
