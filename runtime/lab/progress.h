// runtime/lab/progress.h
//
// How far several downloads have come. On a terminal each has a bar that grows where it stands:
//
//   pictures.zip  [##############----------]  58 %   2.9 of   5.0 MB
//   music.zip     [######------------------]  25 %   2.5 of  10.0 MB
//
// Everywhere else (a file, a pipe, a simulation, whose output is seen when it is over) there is a
// line at each quarter, so that a golden has the same lines in every run:
//
//   pictures.zip   25 %
//
//   ProgressBars bars;
//   const std::size_t bar = bars.Add("pictures.zip");
//   request.on_progress = [&](const HttpProgress& p) { bars.Update(bar, p.received, p.total); };
//   ...
//   bars.End(bar, "done");
//
// While bars grow on a terminal nobody else should print: they are drawn again as many lines above
// the cursor as they are themselves.
//
// Threads: from any thread. Each line, or each picture of all bars, is one write(2).
#ifndef INTERLEAVE_RUNTIME_LAB_PROGRESS_H_
#define INTERLEAVE_RUNTIME_LAB_PROGRESS_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace interleave {

struct ProgressOptions {
  int lines = 4;  // for each download, where they are lines: 4 is at 25, 50, 75 and 100 %
  // Bars that are drawn again and again. Unset: if stdout is a terminal that can, outside of a
  // simulation.
  std::optional<bool> redraws = {};
  std::size_t columns = 0;  // of the terminal; 0: as many as it has
};

class ProgressBars {
 public:
  // Throws: as Add.
  explicit ProgressBars(ProgressOptions options = {});
  ProgressBars(const ProgressBars&) = delete;
  ProgressBars& operator=(const ProgressBars&) = delete;

  // The number of a new bar. Where it is lines: `lines` of them, if it says so itself.
  // Throws: std::invalid_argument if there are to be no lines.
  std::size_t Add(std::string name, std::optional<int> lines = {});

  // So many bytes are there; of so many, if that is known.
  void Update(std::size_t bar, std::uint64_t received, std::optional<std::uint64_t> total);

  // Nothing will come any more, and this is why: "done", "connection lost".
  void End(std::size_t bar, std::string words);

 private:
  struct Bar {
    std::string name;
    std::uint64_t received = 0;
    std::optional<std::uint64_t> total;
    int lines = 0;      // to print
    int printed = 0;    // of them
    std::string words;  // once it has ended
  };
  std::string Text(const Bar& bar) const;
  void Draw();
  void PrintLine(const Bar& bar, const std::string& words) const;
  std::size_t NameWidth() const;

  const ProgressOptions options_;
  const bool redraws_;
  std::mutex mutex_;  // guards what follows
  std::vector<Bar> bars_;
  std::size_t drawn_ = 0;  // lines on the terminal above the cursor
  std::string picture_;    // what they show
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_LAB_PROGRESS_H_
