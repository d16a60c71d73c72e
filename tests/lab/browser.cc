// tests/lab/browser.cc
#include "tests/lab/browser.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>

using nlohmann::json;

namespace {

constexpr int kPatience = 60'000;  // ms; a browser that takes longer to answer hangs

const char* const kPrograms[] = {"chromium-headless-shell", "chromium", "google-chrome"};

[[noreturn]] void Exec(const std::string& folder) {
  for (const char* variable : {"HOME", "TMPDIR"}) setenv(variable, folder.c_str(), 1);
  const std::string profile = "--user-data-dir=" + folder + "/profile";
  // Root, as a container's user mostly is, gets no sandbox; the pages are ours.
  for (const char* program : kPrograms) {
    execlp(program, program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
           "--disable-dev-shm-usage", "--disable-background-networking", "--disable-extensions",
           "--hide-scrollbars", "--remote-debugging-pipe", profile.c_str(), "about:blank",
           static_cast<char*>(nullptr));
  }
  _exit(127);
}

std::string Decoded(const std::string& base64) {
  static const std::string kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned value = 0, bits = 0;
  for (const char c : base64) {
    if (c == '=') break;
    value = value << 6 | static_cast<unsigned>(kDigits.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(value >> bits & 0xff);
  }
  return bytes;
}

}  // namespace

Browser::Browser(const std::string& folder) {
  int to[2], from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  pid_ = fork();
  if (pid_ == 0) {
    setpgid(0, 0);
    // 3 and 4 are where it reads and writes; they may be among these pipes' own numbers.
    const int in = fcntl(to[0], F_DUPFD_CLOEXEC, 10), out = fcntl(from[1], F_DUPFD_CLOEXEC, 10);
    dup2(in, 3);
    dup2(out, 4);
    const int log = open((folder + "/browser.log").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(log, 1);
    dup2(log, 2);
    Exec(folder);
  }
  close(to[0]);
  close(from[1]);
  to_ = to[1];
  from_ = from[0];
  signal(SIGPIPE, SIG_IGN);
  const json target = Call("Target.createTarget", {{"url", "about:blank"}});
  session_ = Call("Target.attachToTarget",
                  {{"targetId", target["targetId"]}, {"flatten", true}})["sessionId"]
                 .get<std::string>();
  for (const char* domain : {"Page", "Runtime", "Log", "Network"}) {
    Call(std::string(domain) + ".enable");
  }
}

Browser::~Browser() {
  close(to_);
  close(from_);
  kill(-pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

json Browser::Read() {
  for (;;) {
    const std::size_t end = buffer_.find('\0');
    if (end != std::string::npos) {
      json message = json::parse(buffer_.substr(0, end));
      buffer_.erase(0, end + 1);
      return message;
    }
    pollfd wanted = {from_, POLLIN, 0};
    const int ready = poll(&wanted, 1, kPatience);
    if (ready < 0 && errno == EINTR) continue;
    char bytes[65536];
    const ssize_t size = ready > 0 ? read(from_, bytes, sizeof bytes) : 0;
    if (size <= 0) throw std::runtime_error("the browser does not answer; its words: browser.log");
    buffer_.append(bytes, static_cast<std::size_t>(size));
  }
}

void Browser::Note(const json& message) {
  const std::string method = message.value("method", "");
  const json& parameters = message.value("params", json::object());
  if (method == "Page.loadEventFired") loaded_ = true;
  if (method == "Runtime.exceptionThrown" ||
      (method == "Runtime.consoleAPICalled" && parameters["type"] == "error") ||
      (method == "Log.entryAdded" && parameters["entry"]["level"] == "error")) {
    errors_.push_back(parameters.dump());
  }
  if (method == "Network.requestWillBeSent") {
    requests_.push_back(parameters["request"]["url"].get<std::string>().substr(0, 200));
  }
}

json Browser::Call(const std::string& method, json parameters) {
  json message = {{"id", ++number_}, {"method", method}, {"params", std::move(parameters)}};
  if (!session_.empty()) message["sessionId"] = session_;
  const std::string text = message.dump();
  const std::size_t size = text.size() + 1;  // the zero as well
  for (std::size_t sent = 0; sent < size;) {
    const ssize_t written = write(to_, text.c_str() + sent, size - sent);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0)
      throw std::runtime_error("no browser: apt-get install chromium-headless-shell");
    sent += static_cast<std::size_t>(written);
  }
  for (;;) {
    json answer = Read();
    Note(answer);
    if (answer.value("id", 0) != number_) continue;
    if (answer.contains("error")) throw std::runtime_error(method + ": " + answer["error"].dump());
    return answer["result"];
  }
}

void Browser::Open(const std::string& path) {
  errors_.clear();
  requests_.clear();
  loaded_ = false;
  Call("Page.navigate", {{"url", "file://" + path}});
  while (!loaded_) Note(Read());
}

json Browser::Eval(const std::string& expression) {
  const json result =
      Call("Runtime.evaluate", {{"expression", expression}, {"returnByValue", true}});
  if (result.contains("exceptionDetails")) {
    throw std::runtime_error(expression + ": " + result["exceptionDetails"].dump());
  }
  return result["result"].value("value", json());
}

void Browser::Press(const std::string& key) {
  const int code = key == "ArrowRight"  ? 39
                   : key == "ArrowLeft" ? 37
                   : key == "Home"      ? 36
                   : key == "End"       ? 35
                   : key == "Tab"       ? 9
                                        : 13;
  json event = {{"type", "keyDown"}, {"key", key}, {"code", key}, {"windowsVirtualKeyCode", code}};
  if (key == "Enter") event["text"] = "\r";
  Call("Input.dispatchKeyEvent", event);
  event["type"] = "keyUp";
  Call("Input.dispatchKeyEvent", event);
}

void Browser::SetWidth(int pixels) {
  Call("Emulation.setDeviceMetricsOverride",
       {{"width", pixels}, {"height", 900}, {"deviceScaleFactor", 1}, {"mobile", false}});
}

void Browser::SetMedia(const std::string& media, const std::string& colour_scheme) {
  Call("Emulation.setEmulatedMedia",
       {{"media", media},
        {"features", {{{"name", "prefers-color-scheme"}, {"value", colour_scheme}}}}});
}

void Browser::Screenshot(const std::string& path) {
  const json picture =
      Call("Page.captureScreenshot", {{"format", "png"}, {"captureBeyondViewport", true}});
  std::ofstream(path, std::ios::binary) << Decoded(picture["data"].get<std::string>());
}
