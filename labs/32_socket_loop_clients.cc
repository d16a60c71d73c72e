// Lab 32, the clients of the four servers, each on a thread of its own: they say Hello and World!,
// want to hear it again, and pause for a second before each step and at the end.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "runtime/lab/elapsed.h"
#include "runtime/threads/thread_name.h"

// In 32_socket_loop_sockets.cc.
using interleave::Say;
using interleave::StartTheClock;

namespace {

using namespace std::chrono_literals;

std::atomic<int> echoes;

int Connect(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
  return server;
}

void Talk(std::string name, std::uint16_t port) {
  interleave::SetThreadName(name);
  std::this_thread::sleep_for(1s);
  const int server = Connect(port);
  for (const std::string word : {"Hello", "World!"}) {
    send(server, word.data(), word.size(), MSG_NOSIGNAL);
    std::string answer(word.size(), ' ');
    recv(server, answer.data(), answer.size(), MSG_WAITALL);
    if (answer == word) ++echoes;
    std::this_thread::sleep_for(1s);
  }
  close(server);
  std::this_thread::sleep_for(1s);
  Say(name + " ends");
}

}  // namespace

std::vector<std::thread> StartClients(int number, std::uint16_t port) {
  StartTheClock();
  echoes = 0;
  std::vector<std::thread> clients;
  for (int i = 1; i <= number; ++i) {
    clients.emplace_back(Talk, "client-" + std::to_string(i), port);
  }
  return clients;
}

// Waits for them to end, and counts what came back.
std::string Echoes(std::vector<std::thread>& clients) {
  for (std::thread& client : clients) client.join();
  return std::to_string(echoes) + " echoes";
}
