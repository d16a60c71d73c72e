// Two transfers at once, in opposite directions.
//
// Bug: each locks the account it takes from and then the one it gives to: each has one lock and
// waits for the other's.
// Fix: one order for all, here that of the account numbers.
// Idea: "deadlock01" of SV-COMP; two locks in two orders are most of the deadlocks of Lu et al.
// 2008.
#include <mutex>
#include <thread>
#include <utility>

namespace {

struct Account {
  int number;
  int balance;
  std::mutex mutex;
};

void Transfer(Account& from, Account& to, int amount) {
  Account *first = &from, *second = &to;
#ifdef FIXED
  if (second->number < first->number) std::swap(first, second);
#endif
  std::lock_guard one(first->mutex);
  std::lock_guard two(second->mutex);
  from.balance -= amount;
  to.balance += amount;
}

}  // namespace

int main() {
  Account a{1, 100, {}}, b{2, 100, {}};
  std::thread there([&] { Transfer(a, b, 10); });
  std::thread back([&] { Transfer(b, a, 20); });
  there.join();
  back.join();
  return a.balance == 110 && b.balance == 90 ? 0 : 1;
}
