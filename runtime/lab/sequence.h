// runtime/lab/sequence.h
//
// A run as a sequence diagram: who asked whom when (message.h), time going down. As text for a
// terminal and as an SVG picture:
//
//              MainThread  API
//     0.000 s  |---------->|  character 1
//              ~           |    0.117 s pass
//     0.117 s  |<----------|  character 1
//              ~           |    2 s pass
//     2.117 s  |---------->|  character 2
//
// A row is a message; where time passes before it there is a row that says how long, and what each
// thread did most of that time, in the letters of the timeline (timeline.h): idle gaps are ~.
// Only threads that sent something have a column.
#ifndef INTERLEAVE_RUNTIME_LAB_SEQUENCE_H_
#define INTERLEAVE_RUNTIME_LAB_SEQUENCE_H_

#include <string>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/lab/lanes.h"
#include "runtime/lab/message.h"

namespace interleave::lab {

// What both forms are drawn from.
struct Sequence {
  struct Column {
    std::string name;
    std::size_t lane = 0;    // in the run's lanes
    bool is_thread = false;  // otherwise somebody who was asked, who is there all the time
    double began = 0, ended = 0;
    int waits_percent = 0;  // of its life
  };
  struct Row {
    double from = 0, to = 0;  // nanoseconds since the run began; a message takes none
    std::size_t asker = 0, other = 0;
    bool is_message = false;
    bool is_answer = false;
    std::string what;
    std::vector<Activity> activities;  // of a gap: by column
  };
  std::vector<Column> columns;  // threads in order of creation, then the others
  std::vector<Row> rows;

  // Whether the column is there in that row.
  bool Lives(std::size_t column, const Row& row) const;
};

Sequence MakeSequence(const RunReport& report, const Lanes& lanes,
                      const std::vector<Message>& messages);

// "2.117 s"
std::string TimeText(double nanoseconds);

std::string SequenceText(const Sequence& sequence);

// A whole SVG document.
std::string SequenceSvg(const Sequence& sequence, const std::string& title);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_SEQUENCE_H_
