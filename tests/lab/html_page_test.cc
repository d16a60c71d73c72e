// tests/lab/html_page_test.cc
//
// What --page writes, in a browser: the pages of two labs, and of one that prints what a browser
// would love to obey.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "tests/lab/browser.h"

namespace {

std::string folder;
std::unique_ptr<Browser> browser;

std::string Page(const std::string& name) { return folder + "/" + name + ".html"; }

void Write(const std::string& program, const std::string& name) {
  const std::string command = program + " --page=" + Page(name);
  const int status = std::system(command.c_str());
  if (status != 0) throw std::runtime_error(command + ": status " + std::to_string(status));
}

class HtmlPage : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::getenv("TEST_TMPDIR");
    Write("labs/03_race_condition", "race");
    Write("labs/06_deadlock", "deadlock");
    Write("tests/lab/hostile", "hostile");
    browser = std::make_unique<Browser>(folder);
  }
  static void TearDownTestSuite() {
    browser.reset();
    std::filesystem::remove_all(folder + "/profile");
  }

  void SetUp() override {
    browser->SetWidth(1200);
    browser->SetMedia("", "light");
  }

  // Opens a page, at a scenario's tab.
  static void Open(const std::string& name, const std::string& scenario = "") {
    browser->Open(Page(name));
    if (scenario.empty()) return;
    ASSERT_TRUE(
        browser->Eval("[...document.querySelectorAll('[role=tab]')].some((tab) => tab."
                      "textContent === '" +
                      scenario + "' && (tab.click(), true))"));
  }
  static std::string Text(const std::string& selector) {
    return browser->Eval("document.querySelector(`" + selector + "`).textContent");
  }
  static int Count(const std::string& selector) {
    return browser->Eval("document.querySelectorAll(`" + selector + "`).length");
  }
  static bool ClickOutcome(const std::string& outcome) {
    return browser->Eval(
        "[...document.querySelectorAll('.outcome')].some((row) => row."
        "querySelector('.name').textContent === '" +
        outcome + "' && (row.click(), true))");
  }
};

TEST_F(HtmlPage, IsOneFileOfLessThanAMegabyte) {
  for (const char* name : {"race", "deadlock", "hostile"}) {
    EXPECT_LT(std::filesystem::file_size(Page(name)), 1'000'000) << name;
    Open(name);
    EXPECT_TRUE(browser->errors().empty()) << browser->errors().front();
    for (const std::string& url : browser->requests()) {
      EXPECT_TRUE(url == "file://" + Page(name) || url == "data:,") << url;  // the icon is in it
    }
    EXPECT_FALSE(browser->requests().empty());
  }
}

TEST_F(HtmlPage, HasATabForEachScenario) {
  Open("race");
  EXPECT_GE(Count("[role=tab]"), 3);
  EXPECT_EQ(Text("h1"), "03 Race condition: how can two increments make one?");
  EXPECT_EQ(Text("[aria-selected=true]"), "unlocked");
  browser->Eval("document.querySelector('[aria-selected=true]').focus()");
  browser->Press("ArrowRight");
  EXPECT_EQ(Text("[aria-selected=true]"), "three");
  EXPECT_EQ(browser->Eval("document.activeElement.textContent"), "three");
  EXPECT_EQ(Count("[role=tab][tabindex='0']"), 1);
  EXPECT_TRUE(browser->errors().empty());
}

TEST_F(HtmlPage, StepsByTheSlider) {
  Open("race");
  EXPECT_EQ(Text("#where"), "step 1 of 4");
  EXPECT_EQ(Text("#steps .current .what"), "adder-1 reads 0");
  browser->Eval(
      "{const s = document.querySelector('#slider'); s.value = 4;"
      "s.dispatchEvent(new Event('input'))}");
  EXPECT_EQ(Text("#where"), "step 4 of 4");
  EXPECT_EQ(Text("#steps .current .what"), "adder-2 writes 1overwrites what adder-1 wrote");
  EXPECT_EQ(Text("#steps .current .value"), "1");
  EXPECT_EQ(Count("#steps .later"), 0);
  const std::string line = Text("#code .here");
  EXPECT_EQ(line.substr(0, line.find(';')), "  counter = counter + 1");
}

TEST_F(HtmlPage, StepsByTheKeyboard) {
  Open("race");
  browser->Press("ArrowRight");
  EXPECT_EQ(Text("#where"), "step 2 of 4");
  browser->Press("End");
  EXPECT_EQ(Text("#where"), "step 4 of 4");
  browser->Press("ArrowLeft");
  EXPECT_EQ(Text("#where"), "step 3 of 4");
  browser->Press("Home");
  EXPECT_EQ(Text("#where"), "step 0 of 4");
  // The tab, back (which cannot be pressed now), the slider.
  browser->Press("Tab");
  browser->Press("Tab");
  EXPECT_EQ(browser->Eval("document.activeElement.id"), "slider");
  browser->Press("ArrowRight");
  EXPECT_EQ(Text("#where"), "step 1 of 4");
}

TEST_F(HtmlPage, ShowsARunOfEachOutcome) {
  Open("race");
  EXPECT_EQ(Text("#census-title"), "every schedule of it (6, all)");
  EXPECT_EQ(Text(".outcome[aria-pressed=true] .name"), "counter 1");
  ASSERT_TRUE(ClickOutcome("counter 2"));
  EXPECT_EQ(Text(".outcome[aria-pressed=true] .name"), "counter 2");
  EXPECT_EQ(Text(".outcome[aria-pressed=true] .count"), "2");
  EXPECT_EQ(Text("#ends b"), "counter 2");
  browser->Press("End");
  EXPECT_EQ(Text("#steps .current .what").substr(8), "writes 2");
  EXPECT_NE(Text("#again").find("--scenario=unlocked --schedule="), std::string::npos);
}

TEST_F(HtmlPage, DrawsTheCycleOfADeadlock) {
  Open("deadlock", "opposite order");
  ClickOutcome("deadlock");
  EXPECT_FALSE(browser->Eval("document.querySelector('#cycle').hidden"));
  EXPECT_EQ(browser->Eval("document.querySelector('#cycle svg').getAttribute('aria-label')"),
            "alice waits for right, held by bob; bob waits for left, held by alice");
  EXPECT_EQ(Count("#cycle rect"), 4);
  EXPECT_NE(Text("#explanation").find("nobody can run"), std::string::npos);
  ASSERT_TRUE(ClickOutcome("2 meals"));
  EXPECT_TRUE(browser->Eval("document.querySelector('#cycle').hidden"));
  EXPECT_EQ(Count("#cycle svg"), 0);
}

TEST_F(HtmlPage, FitsANarrowScreen) {
  browser->SetWidth(400);
  for (const char* name : {"race", "deadlock", "hostile"}) {
    Open(name);
    const int tabs = Count("[role=tab]");
    for (int tab = 0; tab < tabs; ++tab) {
      browser->Eval("document.querySelectorAll('[role=tab]')[" + std::to_string(tab) + "].click()");
      EXPECT_LE(browser->Eval("document.documentElement.scrollWidth"), 400) << name << " " << tab;
    }
  }
}

// The contrast of the Web Content Accessibility Guidelines 2.2, of an element with what is behind
// it.
constexpr const char* kContrast = R"((selector) => {
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const element = document.querySelector(selector);
  let behind = element;
  while (numbers(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const luminance = (colour) => numbers(colour).slice(0, 3).map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const [a, b] = [luminance(getComputedStyle(element).color),
                  luminance(getComputedStyle(behind).backgroundColor)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
})";

TEST_F(HtmlPage, CanBeReadInLightAndInDark) {
  std::string grounds[2];
  for (const bool dark : {false, true}) {
    browser->SetMedia("", dark ? "dark" : "light");
    Open("race");
    browser->Press("End");
    grounds[dark] = browser->Eval("getComputedStyle(document.body).backgroundColor");
    for (const char* part :
         {"h1", "#ends", "#steps .current .what", "#steps .remark", "#code .here", "#code .who",
          "[aria-selected=true]", "[aria-selected=false]", ".outcome[aria-pressed=true] .count",
          "#where", "#again", "footer p"}) {
      EXPECT_GE(browser->Eval(std::string("(") + kContrast + ")(`" + part + "`)").get<double>(),
                4.5)
          << part << (dark ? " in the dark" : " in the light");
    }
  }
  EXPECT_NE(grounds[0], grounds[1]);
}

TEST_F(HtmlPage, Prints) {
  Open("race");
  browser->SetMedia("print", "light");
  EXPECT_EQ(browser->Eval("getComputedStyle(document.querySelector('.controls')).display"), "none");
  EXPECT_EQ(browser->Eval("getComputedStyle(document.querySelector('.later')).opacity"), "1");
  EXPECT_TRUE(
      browser->Eval("{const c = document.querySelector('#code');"
                    "c.scrollHeight <= c.clientHeight + 1}"));
  EXPECT_GT(browser->Call("Page.printToPDF")["data"].get<std::string>().size(), 10'000);
}

TEST_F(HtmlPage, EveryControlHasAName) {
  Open("deadlock");
  EXPECT_EQ(browser->Eval("[...document.querySelectorAll('button, input')].filter((one) => "
                          "!one.getAttribute('aria-label') && !one.textContent.trim()).length"),
            0);
  EXPECT_EQ(browser->Eval("document.documentElement.lang"), "en");
}

TEST_F(HtmlPage, ObeysNothingThatAProgramPrints) {
  Open("hostile");
  EXPECT_TRUE(browser->errors().empty()) << browser->errors().front();
  browser->Press("End");
  EXPECT_EQ(browser->Eval("typeof window.hacked"), "undefined");
  EXPECT_EQ(Count("script"), 2);
  EXPECT_EQ(Count("main img, main b:not(#ends b, #now b), main i, footer svg"), 0);
  EXPECT_EQ(browser->Eval("document.title"),
            "</title><script>window.hacked = 1</script> & \"quotes\"");
  // A control character is shown as its picture, what is no UTF-8 as its stand-in.
  const std::string line =
      "</script><script>window.hacked = 1</script><!-- <script> ' \" ` ${window.hacked = 1} & &lt; "
      "\u2400 \u241b[31mred\u241b[0m \ufffd\ufffd \u2028 \u2029 \U0001F47B {{data}} \\u003c "
      "\u240d\n";
  EXPECT_EQ(Text("#printed"), line + line);
  EXPECT_EQ(Text("#says"), "<script>window.hacked = 1</script>");
  EXPECT_EQ(Text("#heads span"), "<b>\"x\"</b>");
}

}  // namespace
