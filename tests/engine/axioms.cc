#include "tests/engine/axioms.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace interleave::memory_programs {
namespace {

constexpr std::size_t kMost = 12;  // events

// A relation between events: a row of bits for each.
struct Relation {
  std::array<std::uint32_t, kMost> rows{};

  void Add(std::size_t a, std::size_t b) { rows[a] |= 1u << b; }
  bool Has(std::size_t a, std::size_t b) const { return (rows[a] >> b & 1) != 0; }
  void Join(const Relation& other) {
    for (std::size_t a = 0; a < kMost; ++a) rows[a] |= other.rows[a];
  }
  void Close() {
    for (std::size_t via = 0; via < kMost; ++via) {
      for (std::size_t a = 0; a < kMost; ++a) {
        if (Has(a, via)) rows[a] |= rows[via];
      }
    }
  }
  bool IsCyclic() const {
    Relation closed = *this;
    closed.Close();
    for (std::size_t a = 0; a < kMost; ++a) {
      if (closed.Has(a, a)) return true;
    }
    return false;
  }
};

bool Acquires(std::memory_order order) {
  return order == std::memory_order_acquire || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}
bool Releases(std::memory_order order) {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

// The first kVariables events are the values at the start.
struct Event {
  int thread = -1;
  Operation operation{Kind::kStore};
  bool reads = false, writes = true;
  std::size_t from = 0;
  std::optional<int> read, wrote = 0;

  bool IsFence() const { return operation.kind == Kind::kFence; }
  bool IsUpdate() const { return reads && writes; }
  std::memory_order Order() const {
    return IsCompare(operation.kind) && !writes ? operation.failure : operation.order;
  }
  bool IsSeqCst() const { return thread >= 0 && Order() == std::memory_order_seq_cst; }
};

class Executions {
 public:
  explicit Executions(const Program& program) {
    for (int variable = 0; variable < kVariables; ++variable) {
      Event start;
      start.operation.variable = variable;
      events_.push_back(start);
    }
    for (std::size_t t = 0; t < program.size(); ++t) {
      for (const Operation& operation : program[t]) {
        Event event;
        event.thread = static_cast<int>(t);
        event.operation = operation;
        event.reads = MayRead(operation.kind);
        event.writes = MayWrite(operation.kind);
        events_.push_back(event);
      }
    }
    for (std::size_t a = 0; a < events_.size(); ++a) {
      for (std::size_t b = a + 1; b < events_.size(); ++b) {
        const bool starts = events_[a].thread < 0 && events_[b].thread >= 0;
        if (starts || (events_[a].thread >= 0 && events_[a].thread == events_[b].thread)) {
          sequenced_.Add(a, b);
        }
      }
    }
  }

  Allowed All() {
    ChooseReads(kVariables);
    return std::move(allowed_);
  }

 private:
  void ChooseReads(std::size_t e) {
    if (e == events_.size()) return ChooseOrders();
    Event& event = events_[e];
    if (!event.reads) return ChooseReads(e + 1);
    for (std::size_t from = 0; from < events_.size(); ++from) {
      const Operation& other = events_[from].operation;
      if (from == e || other.variable != event.operation.variable || !MayWrite(other.kind)) {
        continue;
      }
      event.from = from;
      if (IsCompare(event.operation.kind)) {
        event.writes = false;
        ChooseReads(e + 1);
        event.writes = true;
      }
      ChooseReads(e + 1);
    }
  }

  // Values follow from who reads from whom. False: they do not (out of thin air), or a
  // compare-exchange would have come out otherwise.
  bool FindValues() {
    for (Event& event : events_) {
      event.read.reset();
      if (event.thread >= 0) event.wrote.reset();
    }
    for (std::size_t round = 0; round < events_.size(); ++round) {
      for (Event& event : events_) {
        if (event.thread < 0 || event.IsFence()) continue;
        if (event.reads) event.read = events_[event.from].wrote;
        if (!event.writes) continue;
        if (event.operation.kind != Kind::kAdd) {
          event.wrote = event.operation.value;
        } else if (event.read) {
          event.wrote = *event.read + event.operation.value;
        }
      }
    }
    return std::all_of(events_.begin(), events_.end(), [&](const Event& event) {
      if (!event.reads) return true;
      if (!event.read || !events_[event.from].writes) return false;
      if (!IsCompare(event.operation.kind)) return true;
      const bool equal = *event.read == event.operation.expected;
      return event.writes ? equal : !equal || event.operation.kind == Kind::kCompareWeak;
    });
  }

  void ChooseOrders() {
    if (!FindValues()) return;
    std::vector<std::size_t> stores[kVariables];
    for (std::size_t e = kVariables; e < events_.size(); ++e) {
      if (!events_[e].writes || events_[e].IsFence()) continue;
      stores[events_[e].operation.variable].push_back(e);
    }
    static_assert(kVariables == 2);
    do {
      if (!OrderFits(0, stores[0])) continue;
      do {
        if (OrderFits(1, stores[1])) Judge(stores);
      } while (std::next_permutation(stores[1].begin(), stores[1].end()));
    } while (std::next_permutation(stores[0].begin(), stores[0].end()));
  }

  // An update stands right behind what it reads.
  bool OrderFits(std::size_t start, const std::vector<std::size_t>& stores) const {
    std::size_t before = start;
    for (std::size_t store : stores) {
      if (events_[store].IsUpdate() && events_[store].from != before) return false;
      before = store;
    }
    return true;
  }

  std::string Outcome(const std::vector<std::size_t>* stores) const {
    std::string outcome;
    int thread = 0;
    for (std::size_t e = kVariables; e < events_.size(); ++e) {
      for (; thread < events_[e].thread; ++thread) outcome += ",";
      const Event& event = events_[e];
      if (event.reads) {
        outcome += Seen(*event.read, IsCompare(event.operation.kind) && event.writes);
      }
    }
    for (; thread < static_cast<int>(kMostThreads); ++thread) outcome += ",";
    for (int variable = 0; variable < kVariables; ++variable) {
      const auto& of = stores[variable];
      outcome += std::to_string(of.empty() ? 0 : *events_[of.back()].wrote);
    }
    return outcome;
  }

  void Judge(const std::vector<std::size_t>* stores) {
    std::string outcome = Outcome(stores);
    if (allowed_.forwards.count(outcome) > 0) return;
    const std::size_t n = events_.size();
    Relation coherence, reads;
    for (std::size_t variable = 0; variable < kVariables; ++variable) {
      std::vector<std::size_t> order{variable};
      order.insert(order.end(), stores[variable].begin(), stores[variable].end());
      for (std::size_t i = 0; i < order.size(); ++i) {
        for (std::size_t j = i + 1; j < order.size(); ++j) coherence.Add(order[i], order[j]);
      }
    }
    const Relation modification = coherence;
    for (std::size_t e = kVariables; e < n; ++e) {
      if (!events_[e].reads) continue;
      reads.Add(events_[e].from, e);
      for (std::size_t later = 0; later < n; ++later) {
        if (later != e && modification.Has(events_[e].from, later)) coherence.Add(e, later);
      }
    }
    coherence.Join(reads);
    coherence.Close();

    const Relation synchronises = Synchronises();
    Relation happens = sequenced_;
    happens.Join(synchronises);
    happens.Close();
    for (std::size_t a = 0; a < n; ++a) {
      if (happens.Has(a, a) || coherence.Has(a, a)) return;
      for (std::size_t b = 0; b < n; ++b) {
        if (happens.Has(a, b) && coherence.Has(b, a)) return;
      }
    }
    const Relation single = SingleOrder(coherence, happens, synchronises);
    if (single.IsCyclic()) return;
    Relation steps = sequenced_;
    steps.Join(reads);
    steps.Join(single);
    if (!steps.IsCyclic()) allowed_.forwards.insert(outcome);
    allowed_.outcomes.insert(std::move(outcome));
  }

  // [atomics.order]/2, [atomics.fences]/2 to 4, release sequences as [intro.races]/5.
  Relation Synchronises() const {
    Relation synchronises;
    for (std::size_t r = kVariables; r < events_.size(); ++r) {
      if (!events_[r].reads) continue;
      std::vector<std::size_t> learns;
      if (Acquires(events_[r].Order())) learns.push_back(r);
      for (std::size_t f = r + 1; f < events_.size(); ++f) {
        if (sequenced_.Has(r, f) && events_[f].IsFence() && Acquires(events_[f].Order())) {
          learns.push_back(f);
        }
      }
      // The heads of all release sequences that what it reads is part of.
      std::size_t head = events_[r].from;
      for (std::size_t round = 0; head >= kVariables && round < kMost; ++round) {
        for (std::size_t a = kVariables; a <= head; ++a) {
          const bool is_head = a == head;
          if (!is_head && !(events_[a].IsFence() && sequenced_.Has(a, head))) continue;
          if (!Releases(events_[a].Order())) continue;
          for (std::size_t b : learns) synchronises.Add(a, b);
        }
        if (!events_[head].IsUpdate()) break;
        head = events_[head].from;
      }
    }
    return synchronises;
  }

  // What any single order of the seq_cst operations has to contain.
  Relation SingleOrder(const Relation& coherence, const Relation& happens,
                       const Relation& synchronises) const {
    const std::size_t n = events_.size();
    Relation strongly = sequenced_;  // [intro.races]/12
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t d = 0; d < n; ++d) {
        if (synchronises.Has(a, d) && events_[a].IsSeqCst() && events_[d].IsSeqCst() &&
            !events_[a].IsFence() && !events_[d].IsFence()) {
          strongly.Add(a, d);
        }
        for (std::size_t b = 0; b < n; ++b) {
          for (std::size_t c = 0; c < n; ++c) {
            if (sequenced_.Has(a, b) && happens.Has(b, c) && sequenced_.Has(c, d)) {
              strongly.Add(a, d);
            }
          }
        }
      }
    }
    strongly.Close();
    Relation single;
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b < n; ++b) {
        if (strongly.Has(a, b) && events_[a].IsSeqCst() && events_[b].IsSeqCst()) single.Add(a, b);
        if (!coherence.Has(a, b)) continue;
        // [atomics.order]/4.1 to 4.4
        for (std::size_t x = 0; x < n; ++x) {
          if (!Stands(x, a, [&] { return happens.Has(x, a); })) continue;
          for (std::size_t y = 0; y < n; ++y) {
            if (Stands(y, b, [&] { return happens.Has(b, y); })) single.Add(x, y);
          }
        }
      }
    }
    return single;
  }

  // Whether seq_cst event `x` is `a` itself, or a fence on the right side of it.
  template <typename Beside>
  bool Stands(std::size_t x, std::size_t a, Beside beside) const {
    return events_[x].IsSeqCst() && (x == a || (events_[x].IsFence() && beside()));
  }

  std::vector<Event> events_;
  Relation sequenced_;
  Allowed allowed_;
};

}  // namespace

Allowed ByTheAxioms(const Program& program) { return Executions(program).All(); }

}  // namespace interleave::memory_programs
