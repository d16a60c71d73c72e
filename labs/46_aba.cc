// Lab 46: ABA
//
// The value is what it was. Has nothing happened meanwhile?
//
// A stack without a lock (R. K. Treiber, "Systems Programming: Coping with Parallelism", IBM
// RJ 5118, 1986). Who pops a node reads head, reads what comes next, and makes that the new head if
// head is still what it was: compare_exchange. If it is not, somebody was faster, and one looks
// again. That seems to be safe: how could head be the same node if somebody was faster?
//
// The node has come back. slow reads head a and next b. quick pops a, pops b, and pushes a. Now
// head is a, as before, but what comes after it is c. slow compares, finds a, and makes b the head:
// b, which quick has in use. compare_exchange compares values ([atomics.types.operations]) and not
// their past, and the value went from a to b to a: hence the name.
//
// Run it:     bazel run //labs:46_aba
//
// Notice:     The last row of the table does the damage, and it is a success: head was &a.
//
//             There is no data race: what both threads touch is atomic, and seq_cst. Each operation
//             does what it should. What is wrong is the conclusion from "the same value".
//
//             The tag counts pushes, so (a, 0) and (a, 1) are two values. It must be compared
//             together with the node, and the two must fit into what the processor compares at
//             once: hence the node's number, 32 bits, in place of its address. After 2^32 pushes
//             the tag is the same again. A thread that pauses for so long, and goes on at that very
//             push, is thought not to exist.
//
//             `delete` and `new` are such a pool of nodes, too. When may a node be deleted that
//             somebody may still look at? 46_aba_hazard_pointers.cc has the second cure.
//
// Try:        --scenario=pointer --real --repeat=10000: does it ever happen by itself?
//             Let the tag count pops instead of pushes. Is that as good?
//             In PopProtected, take out the second look at head. How many schedules notice it?
//
// Next:       47_heisenbug_hunt
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

void AddHazardPointers(interleave::Lab& lab);  // in 46_aba_hazard_pointers.cc

namespace {

struct Node {
  std::uint32_t number;
  std::atomic<Node*> next;  // atomic, for slow may read it while quick, its owner, writes it
};
Node a{1, nullptr}, b{2, nullptr}, c{3, nullptr};

// ---- the head is a pointer ----

std::atomic<Node*> head;

void Push(Node* node) {
  Node* top = head;
  do {
    node->next = top;
  } while (!head.compare_exchange_weak(top, node));  // if it fails, top is the new head
}

Node* Pop() {
  Node *top = head, *next;
  do {
    if (top == nullptr) return nullptr;
    next = top->next;
  } while (!head.compare_exchange_weak(top, next));
  return top;
}

// ---- the head is a node's number and a tag, in 64 bits ----

struct Tagged {
  std::uint32_t number, tag;
};
std::atomic<Tagged> tagged_head;
static_assert(std::atomic<Tagged>::is_always_lock_free);

Node* NodeOf(Tagged tagged) {
  static Node* const nodes[] = {nullptr, &a, &b, &c};
  return nodes[tagged.number];
}

void PushTagged(Node* node) {
  Tagged top = tagged_head;
  do {
    node->next = NodeOf(top);
  } while (!tagged_head.compare_exchange_weak(top, {node->number, top.tag + 1}));
}

Node* PopTagged() {
  Tagged top = tagged_head;
  Node* next;
  do {
    if (top.number == 0) return nullptr;
    next = NodeOf(top)->next;
  } while (!tagged_head.compare_exchange_weak(top, {next == nullptr ? 0 : next->number, top.tag}));
  return NodeOf(top);
}

// ---- one pops; the other pops two and pushes the first of them ----

struct Stack {
  Node* (*pop)();
  void (*push)(Node* node);
};
constexpr Stack kPointer{Pop, Push}, kTagged{PopTagged, PushTagged};

std::string Run(Stack stack, bool links) {
  head = nullptr;
  tagged_head = Tagged{0, 0};
  for (Node* node : {&c, &b, &a}) stack.push(node);
  Node *of_slow = nullptr, *of_quick = nullptr;
  std::thread slow([&] {
    interleave::SetThreadName("slow");
    of_slow = stack.pop();
  });
  std::thread quick([&] {
    interleave::SetThreadName("quick");
    Node* first = stack.pop();
    of_quick = stack.pop();
    if (links) of_quick->next = nullptr;  // it goes to the end of a list of quick's own
    stack.push(first);
  });
  slow.join();
  quick.join();

  int owners[4] = {};  // by the node's number; 0 is for nobody
  ++owners[of_slow->number];
  ++owners[of_quick->number];
  while (Node* node = stack.pop()) ++owners[node->number];
  std::string outcome;
  for (const Node* node : {&a, &b, &c}) {
    const int count = owners[node->number];
    if (count == 1) continue;
    outcome += outcome.empty() ? "" : ", ";
    outcome += static_cast<char>('a' + node->number - 1);
    outcome += count == 0 ? " is lost" : " has two owners";
  }
  return outcome.empty() ? "each node has one owner" : outcome;
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("46_aba", "ABA: the value is what it was, has nothing happened meanwhile?");
  lab.Scenario("pointer", [] { return Run(kPointer, false); })
      .Says("slow pops a node; quick pops two and pushes the first one back")
      .Outcome("b has two owners",
               "slow found the head that it had read, and made b the head. But quick has b.")
      .Outcome("each node has one owner")
      .ShowsOutcome("b has two owners")
      .Watches("head")
      .ShowsSteps()
      .ShowsCensus();
  lab.Scenario("links", [] { return Run(kPointer, true); })
      .Says("the same, and quick links b into a list of its own: it writes b.next")
      .Outcome("b has two owners, c is lost",
               "The head is b once more, and what comes after b is quick's affair: no way to c.")
      .Outcome("each node has one owner")
      .ShowsOutcome("b has two owners, c is lost")
      .ShowsCensus();
  lab.Scenario("tagged", [] { return Run(kTagged, true); })
      .Says("cure 1: the head is a node's number and a tag that grows with each push")
      .Outcome("each node has one owner")
      .ShowsCensus();
  AddHazardPointers(lab);
  lab.Notice(
      "That a value is what it was says nothing about the time between. A tag makes what happened "
      "a part of the value; a hazard pointer keeps it from happening.");
  lab.Try("--scenario=pointer --explain; --scenario=pointer --real --repeat=10000.");
  lab.Next("47_heisenbug_hunt");
  return lab.Main(argc, argv);
}
