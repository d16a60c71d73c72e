// Who copies a shared_ptr while another assigns to it may get one whose last owner has gone. The
// race is in the library's code, several places of which stand in the schedule.
#include <cassert>
#include <memory>
#include <thread>

struct Config {
  int first, second;
};

std::shared_ptr<Config> current = std::make_shared<Config>(Config{1, 1});

void Reload() { current = std::make_shared<Config>(Config{2, 2}); }

void Use() {
  std::shared_ptr<Config> config = current;
  assert(config->first == config->second);
}

int main() {
  std::thread reloads(Reload), uses(Use);
  reloads.join();
  uses.join();
}
