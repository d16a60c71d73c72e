// Two withdrawals from one account with a balance of 100; each looks first whether there is enough.
//
// Bug: the look and the withdrawal are locked one by one. Both see 100, both take 70.
// Fix: one lock around both.
// Idea: "account" of SCTBench, and the cash machine of most lectures.
#include <cassert>
#include <mutex>
#include <thread>

namespace {

class Account {
 public:
  int Balance() {
    std::lock_guard lock(mutex_);
    return balance_;
  }

  void Withdraw(int amount) {
#ifdef FIXED
    std::lock_guard lock(mutex_);
    if (balance_ < amount) return;
#else
    if (Balance() < amount) return;
    std::lock_guard lock(mutex_);
#endif
    balance_ -= amount;
  }

 private:
  std::mutex mutex_;
  int balance_ = 100;
};

}  // namespace

int main() {
  Account account;
  std::thread rent([&] { account.Withdraw(70); });
  std::thread shopping([&] { account.Withdraw(70); });
  rent.join();
  shopping.join();
  assert(account.Balance() >= 0);
  return 0;
}
