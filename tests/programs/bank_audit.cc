// Money moves between two accounts while an auditor adds them up.
//
// Bug: the auditor locks the accounts one by one and sees the first before and the second after the
// transfer: money that does not exist.
// Fix: the auditor holds both locks, in the order in which all do.
// Idea: a multi-variable atomicity violation, a third of the bugs of Lu et al. 2008.
#include <cassert>
#include <mutex>
#include <thread>

namespace {

struct Account {
  std::mutex mutex;
  int balance = 100;
};

void Transfer(Account& from, Account& to, int amount) {
  std::scoped_lock lock(from.mutex);
  std::scoped_lock other(to.mutex);
  from.balance -= amount;
  to.balance += amount;
}

int Audit(Account& first, Account& second) {
  std::unique_lock lock(first.mutex);
  int sum = first.balance;
#ifndef FIXED
  lock.unlock();
#endif
  std::unique_lock other(second.mutex);
  return sum + second.balance;
}

}  // namespace

int main() {
  Account savings, wages;
  std::thread transfer([&] { Transfer(savings, wages, 30); });
  std::thread audit([&] { assert(Audit(savings, wages) == 200); });
  transfer.join();
  audit.join();
  return 0;
}
