// One schedule of each class of those that differ in nothing that matters: dynamic partial-order
// reduction (Flanagan and Godefroid 2005) with sleep sets (Godefroid 1996) and source sets
// (Abdulla, Aronis, Jonsson and Sagonas 2014).
//
// Two threads that each lock a mutex of their own ten times have 184,756 schedules, and all of them
// are the same run in another order. So: the first run goes as it likes. Then look which of its
// steps conflict (conflicts.h), and for each pair that could have come the other way round note at
// the earlier one's choice whom to try there as well. Depth first, until nothing is noted any more.
//
// What has been tried at a choice falls asleep there: exploring the next one would only repeat it,
// until a step is made that conflicts with what the sleeping thread is about to do. A run in which
// nobody is left but sleepers has been seen, in another order; it is finished somehow and not
// counted.
//
// The objects are compared within one run only, by address. Between two runs an address may mean
// something else, so of a sleeper's step that used more than the object it stops before nothing is
// remembered, but that any step wakes it.
#include <algorithm>

#include "runtime/engine/columns.h"
#include "runtime/engine/conflicts.h"
#include "runtime/engine/step_trace.h"
#include "runtime/engine/strategy.h"

namespace interleave::engine {
namespace {

class Distinct : public Strategy {
 public:
  bool WantsSteps() const override { return true; }

  bool Begin() override {
    depth_ = 0;
    seen_ = 0;
    redundant_ = false;
    ended_early_ = false;
    steps_choice_ = TraceEvent::kForced;
    sleepers_.clear();
    stands_.clear();
    if (first_) {
      first_ = false;
      return true;
    }
    while (!nodes_.empty() && !Next(nodes_.back())) nodes_.pop_back();
    return !nodes_.empty();
  }

  std::uint32_t Choose(const Choice& choice) override {
    CatchUp();
    if (redundant_) return choice.preempts ? choice.running : choice.Answer(0);
    if (depth_ == nodes_.size()) {
      nodes_.push_back(choice.threads == nullptr ? Node{choice.options, {}, {}, 0, false}
                                                 : NewNode(choice));
      if (redundant_) {
        nodes_.pop_back();
        return choice.Answer(0);
      }
    }
    Node& node = nodes_[depth_++];
    if (node.options != choice.options) {
      Complain("step " + std::to_string(depth_) + " offered " + Counted(choice.options, "choice") +
               ", " + std::to_string(node.options) +
               " the first time: something besides the schedule decides what this program does");
      return choice.Answer(0);
    }
    if (choice.threads != nullptr) sleepers_ = node.sleepers;
    return node.answer;
  }

  bool End() override {
    CatchUp();
    if (Complaint().empty() && depth_ < nodes_.size()) {
      Complain("a run ended after " + Counted(std::int64_t(depth_), "choice") +
               ", after more the first time: something besides the schedule decides what "
               "this program does");
    }
    if (!Complaint().empty()) return true;
    // The others might have done something else first, had the run not ended.
    if (ended_early_ && !redundant_ && steps_choice_ != TraceEvent::kForced) {
      Node& node = nodes_[steps_choice_];
      for (Thread& thread : node.threads) thread.wanted = true;
    }
    conflicts_.Find(step_trace.Events(), seen_, [this](const auto& turn) { Note(turn); });
    return !redundant_;
  }

  bool RanAll() const override { return true; }

 private:
  struct Sleeper {
    std::uint32_t thread;
    bool light;  // its step uses more than the object it stops before: anything wakes it
  };
  struct Thread {  // that can go on
    std::uint32_t number;
    bool wanted = false;
    bool tried = false;
  };
  struct Node {  // a choice
    std::uint32_t options;
    std::vector<Thread> threads;    // none: a choice of data
    std::vector<Sleeper> sleepers;  // with those that have been tried
    std::uint32_t answer;
    bool used_more;  // the step of `answer`, than the object it stopped before
  };

  // The end of the main thread goes last. It conflicts with nothing, but cuts off what the others
  // would still have done; if it went first, each order of theirs would be looked at for nothing.
  // Where they do something that ends the run, End has everybody tried, the main thread too.
  Node NewNode(const Choice& choice) {
    Node node{choice.options, {}, sleepers_, 0, false};
    std::uint32_t best = UINT32_MAX;
    for (std::uint32_t n = 0; n < choice.options; ++n) {
      std::uint32_t number = choice.threads->Nth(n);
      node.threads.push_back({number});
      if (Sleeps(sleepers_, number)) continue;
      if (best == UINT32_MAX || IsAtItsEnd(best) ||
          (choice.preempts && number == choice.running && !IsAtItsEnd(number))) {
        best = number;
      }
    }
    if (best == UINT32_MAX) {
      redundant_ = true;
    } else {
      Try(node, best);
    }
    return node;
  }

  static bool Sleeps(const std::vector<Sleeper>& sleepers, std::uint32_t thread) {
    return std::any_of(sleepers.begin(), sleepers.end(),
                       [&](const Sleeper& sleeper) { return sleeper.thread == thread; });
  }

  bool IsAtItsEnd(std::uint32_t thread) { return StandsBefore(thread).kind == StepKind::kEnd; }

  static void Try(Node& node, std::uint32_t number) {
    node.answer = number;
    node.used_more = false;
    for (Thread& thread : node.threads) {
      if (thread.number == number) thread.tried = thread.wanted = true;
    }
  }

  // The next answer at this choice. False: there is none.
  static bool Next(Node& node) {
    if (node.threads.empty()) return ++node.answer < node.options;
    node.sleepers.push_back({node.answer, node.used_more});
    for (const Thread& thread : node.threads) {
      if (!thread.wanted || thread.tried || Sleeps(node.sleepers, thread.number)) continue;
      Try(node, thread.number);
      return true;
    }
    return false;
  }

  void Note(const Conflicts::Reversal& turn) {
    const std::vector<Sleeper>& sleepers = nodes_[turn.choice].sleepers;
    std::vector<Thread>& threads = nodes_[turn.choice].threads;
    const auto is_one = [&](const Thread& thread) {
      return std::find(turn.threads.begin(), turn.threads.end(), thread.number) !=
             turn.threads.end();
    };
    if (std::any_of(threads.begin(), threads.end(), [&](const Thread& thread) {
          return is_one(thread) && (thread.wanted || Sleeps(sleepers, thread.number));
        })) {
      return;
    }
    auto one = std::find_if(threads.begin(), threads.end(), is_one);
    if (one != threads.end()) {
      one->wanted = true;
      return;
    }
    for (Thread& thread : threads) thread.wanted = true;
  }

  // What has happened since the last choice wakes sleepers.
  void CatchUp() {
    const std::vector<TraceEvent>& events = step_trace.Events();
    for (; seen_ < events.size() && !redundant_; ++seen_) {
      const TraceEvent& event = events[seen_];
      switch (event.kind) {
        case TraceEvent::Kind::kStands:
          StandsBefore(event.thread) = UseOf(event);
          break;
        case TraceEvent::Kind::kStep:
          if (Sleeps(sleepers_, event.thread)) {
            redundant_ = true;
            break;
          }
          steps_choice_ = event.other;
          step_ = StandsBefore(event.thread);
          Wake(step_);
          break;
        case TraceEvent::Kind::kTouch:
          if (steps_choice_ != TraceEvent::kForced && event.object != step_.object) {
            nodes_[steps_choice_].used_more = true;
          }
          Wake(UseOf(event));
          break;
        case TraceEvent::Kind::kJump:
          sleepers_.clear();
          break;
        case TraceEvent::Kind::kEnds:
          ended_early_ = true;
          break;
        default:
          break;
      }
    }
  }

  void Wake(const Use& use) {
    std::erase_if(sleepers_, [&](const Sleeper& sleeper) {
      const Use& pending = StandsBefore(sleeper.thread);
      return sleeper.light ||
             (use.Overlaps(pending) && !(OnlyReads(use.kind) && OnlyReads(pending.kind)));
    });
  }

  Use& StandsBefore(std::uint32_t thread) {
    if (thread >= stands_.size()) stands_.resize(thread + 1);
    return stands_[thread];
  }

  bool first_ = true;
  std::vector<Node> nodes_;

  // Of this run.
  std::size_t depth_ = 0;  // choices made
  std::size_t seen_ = 0;   // events
  bool redundant_ = false;
  bool ended_early_ = false;
  std::uint32_t steps_choice_ = TraceEvent::kForced;  // where the last step was chosen
  Use step_;                                          // and what it stopped before
  std::vector<Sleeper> sleepers_;
  std::vector<Use> stands_;  // what each thread is about to do

  Conflicts conflicts_;
};

}  // namespace

std::unique_ptr<Strategy> MakeDistinct() { return std::make_unique<Distinct>(); }

}  // namespace interleave::engine
