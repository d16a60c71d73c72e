// Two downloads at the same time, with libcurl, and how many bytes have come altogether. The server
// is a thread of this program, so nothing here needs a network; it takes two seconds for an answer,
// which are over at once. -DFIXED is right.
//
//   tools/interleave examples/interleave/curl_client.cc -- -lcurl
//   tools/interleave examples/interleave/curl_client.cc -- -lcurl -DFIXED
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#ifdef FIXED
std::atomic<long> total{0};
#else
long total = 0;
#endif

size_t Count(char*, size_t size, size_t count, void*) {
  total += static_cast<long>(size * count);
  return size * count;
}

void Download(const std::string& url) {
  CURL* curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Count);
  curl_easy_perform(curl);
  curl_easy_cleanup(curl);
}

// Answers one request with ten bytes.
void Answer(int connection) {
  char request[1024];
  ssize_t read_bytes = read(connection, request, sizeof request);
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const std::string answer =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\n0123456789";
  if (read_bytes > 0) send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
  close(connection);
}

int main() {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  listen(listener, 2);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";

  std::thread a(Download, url), b(Download, url);
  std::thread first(Answer, accept(listener, nullptr, nullptr));
  std::thread second(Answer, accept(listener, nullptr, nullptr));
  a.join();
  b.join();
  first.join();
  second.join();
  close(listener);
  const long all = total;
  std::printf("%ld bytes\n", all);
  assert(all == 20);
}
