// Lab 46, hazard pointers: who looks into a node says so, and it is not reused meanwhile.
//
// M. M. Michael, "Hazard Pointers: Safe Memory Reclamation for Lock-Free Objects", IEEE
// Transactions on Parallel and Distributed Systems 15(6), 2004; std::hazard_pointer in C++26. Each
// thread has a pointer that all can read. Before it looks into a node it writes the node's address
// there, and then looks once more whether that is still the head. If so, whoever takes the node
// from now on will find the hazard pointer, and before a node is reused or deleted all hazard
// pointers are read. A node that is named there is kept for later.
//
// "I write mine, then I read yours" on both sides: that is lab 43, and takes seq_cst.
#include <array>
#include <atomic>
#include <initializer_list>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

namespace {

struct Node {
  char name;
  std::atomic<Node*> next = nullptr;
};
std::atomic<Node*> head;

enum Thread { kSlow, kQuick };
std::atomic<Node*> hazards[2];  // each is written by its thread alone

void Push(Node* node) {
  Node* top = head;
  do {
    node->next = top;
  } while (!head.compare_exchange_weak(top, node));
}

constexpr int kLineOfLook = __LINE__ + 3;
Node* Pop() {
  Node* top = head;
  while (top != nullptr && !head.compare_exchange_weak(top, top->next)) continue;
  return top;
}

Node* PopProtected(Thread me) {
  Node* top = head;
  for (;;) {
    hazards[me] = top;
    Node* again = head;
    if (again != top) {
      top = again;  // it was popped before it was protected: it may be gone
    } else if (top == nullptr || head.compare_exchange_weak(top, top->next)) {
      hazards[me] = nullptr;
      return top;
    }
  }
}

bool SomebodyLooksAt(const Node* node) { return hazards[kSlow] == node || hazards[kQuick] == node; }

void Fill(std::initializer_list<Node*> nodes) {
  head = hazards[kSlow] = hazards[kQuick] = nullptr;
  for (Node* node : nodes) Push(node);
}

template <typename Actor>
void RunBoth(Actor actor) {
  std::thread slow([&] {
    interleave::SetThreadName("slow");
    actor(kSlow);
  });
  std::thread quick([&] {
    interleave::SetThreadName("quick");
    actor(kQuick);
  });
  slow.join();
  quick.join();
}

// As in the lab's first scenario.
std::string PushedAgain() {
  Node a{'a'}, b{'b'}, c{'c'};
  Fill({&c, &b, &a});
  Node *of_slow = nullptr, *of_quick = nullptr, *for_later = nullptr;
  RunBoth([&](Thread me) {
    Node* first = PopProtected(me);
    if (me == kSlow) {
      of_slow = first;
      return;
    }
    of_quick = PopProtected(me);
    if (SomebodyLooksAt(first)) {
      for_later = first;
    } else {
      Push(first);
    }
  });
  if (for_later != nullptr) Push(for_later);  // slow has ended, nobody looks any more
  std::array<int, 3> owners{};
  ++owners[of_slow->name - 'a'];
  ++owners[of_quick->name - 'a'];
  while (Node* node = Pop()) ++owners[node->name - 'a'];
  return owners == std::array{1, 1, 1} ? "each node has one owner" : "not one owner each";
}

constexpr int kLineOfDelete = __LINE__ + 3;
std::string DeletedAtOnce() {
  Fill({new Node{'b'}, new Node{'a'}});
  RunBoth([](Thread) { delete Pop(); });
  return "both nodes are deleted";
}

std::string DeletedLater() {
  Fill({new Node{'b'}, new Node{'a'}});
  std::vector<Node*> for_later[2];
  RunBoth([&](Thread me) {
    Node* node = PopProtected(me);
    if (SomebodyLooksAt(node)) {
      for_later[me].push_back(node);
    } else {
      delete node;
    }
  });
  for (const std::vector<Node*>& nodes : for_later) {
    for (Node* node : nodes) delete node;
  }
  return "both nodes are deleted";
}

std::string UseAfterFree(const std::string& reader, const std::string& owner) {
  const std::string file = "46_aba_hazard_pointers.cc:";
  return "use after free in " + reader + " (" + file + std::to_string(kLineOfLook) +
         "), freed in " + owner + " (" + file + std::to_string(kLineOfDelete) + ")";
}

}  // namespace

void AddHazardPointers(interleave::Lab& lab) {
  lab.Scenario("hazard_pointers", PushedAgain)
      .Says("cure 2: quick pushes a again only if no hazard pointer names it")
      .Outcome("each node has one owner")
      .ShowsCensus("distinct");
  lab.Scenario("deleted_at_once", DeletedAtOnce)
      .Says("two nodes, each thread pops one and deletes it")
      .Outcome(UseAfterFree("slow", "quick"),
               "slow has read head, quick deletes that node, slow looks what comes next.")
      .Outcome(UseAfterFree("quick", "slow"))
      .Outcome("both nodes are deleted")
      .ShowsOutcome(UseAfterFree("slow", "quick"))
      .ShowsCensus()
      .ShowsRaces();
  lab.Scenario("deleted_later", DeletedLater)
      .Says("the same with hazard pointers: a node that somebody looks at is deleted later")
      .Outcome("both nodes are deleted")
      .ShowsCensus("distinct");
}
