// tests/lab/browser.h
//
// A browser without a window, for tests of what --page writes. It is told what to do by Chromium's
// DevTools protocol through two pipes (--remote-debugging-pipe): JSON objects, each ended by a zero
// byte. So there is no port, and when the test ends, however it does, the browser ends, too.
// https://chromedevtools.github.io/devtools-protocol
#ifndef INTERLEAVE_TESTS_LAB_BROWSER_H_
#define INTERLEAVE_TESTS_LAB_BROWSER_H_

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

class Browser {
 public:
  // Its files are in `folder`. Throws std::runtime_error if there is none, or it does not answer.
  explicit Browser(const std::string& folder);
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  // Returns when the page has been loaded. Forgets the errors of the page before.
  void Open(const std::string& path);

  // The value of a JavaScript expression. An exception in it is one here.
  nlohmann::json Eval(const std::string& expression);

  void Press(const std::string& key);  // "ArrowRight", "Tab"
  void SetWidth(int pixels);
  void SetMedia(const std::string& media, const std::string& colour_scheme);
  void Screenshot(const std::string& path);

  // What the page wrote to the console as an error, exceptions that nobody caught, and whatever it
  // wanted to load.
  const std::vector<std::string>& errors() const { return errors_; }
  const std::vector<std::string>& requests() const { return requests_; }

  nlohmann::json Call(const std::string& method,
                      nlohmann::json parameters = nlohmann::json::object());

 private:
  nlohmann::json Read();
  void Note(const nlohmann::json& message);

  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
  std::string buffer_, session_;
  int number_ = 0;
  bool loaded_ = false;
  std::vector<std::string> errors_, requests_;
};

#endif  // INTERLEAVE_TESTS_LAB_BROWSER_H_
