// runtime/lab/html_page.h
//
// A lab as one page for a browser (--page): the source, a column for each thread, a slider through
// the steps, the census, whose outcomes each have a run to look at, and the cycle of a deadlock as
// a picture. Nothing outside of the file is needed, and whatever a program prints stays text.
//
// page/ has the page itself, as files of their own; what the runs did is put in as JSON. Where all
// of it would be too much (1 MB), a long run loses its middle and rare outcomes have no run.
#ifndef INTERLEAVE_RUNTIME_LAB_HTML_PAGE_H_
#define INTERLEAVE_RUNTIME_LAB_HTML_PAGE_H_

#include <string>
#include <vector>

#include "runtime/lab/scenario.h"

namespace interleave::lab {

struct HtmlPageTexts {
  std::string lab;        // "03_race_condition"
  std::string title;      // "03 Race condition: how can two increments make one?"
  std::string own_flags;  // as in RunTextOptions
  std::vector<std::string> notices, tries;
  std::string next;
};

// Runs the scenarios and takes their censuses. Throws std::runtime_error where a scenario's own
// schedule does not fit.
std::string HtmlPage(const HtmlPageTexts& texts, const std::vector<const ScenarioPlan*>& plans);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_HTML_PAGE_H_
