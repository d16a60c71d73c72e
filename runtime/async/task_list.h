// runtime/async/task_list.h
//
// The tasks of a loop that are not done, in the order in which they were made: for AllTasks, for
// Ps, and so that a loop that is closed finds those that were left behind. The links are part of
// the task, so that a million tasks come and go without a search.

#ifndef INTERLEAVE_RUNTIME_ASYNC_TASK_LIST_H_
#define INTERLEAVE_RUNTIME_ASYNC_TASK_LIST_H_

namespace interleave {

class TaskCore;

struct TaskLinks {
  TaskLinks* before = nullptr;  // null: in no list
  TaskLinks* behind = nullptr;
};

class TaskList {
 public:
  TaskList() { ends_.before = ends_.behind = &ends_; }
  TaskList(const TaskList&) = delete;
  TaskList& operator=(const TaskList&) = delete;

  bool empty() const { return ends_.behind == &ends_; }
  void Add(TaskLinks& task) {
    task.before = ends_.before;
    task.behind = &ends_;
    ends_.before->behind = &task;
    ends_.before = &task;
  }
  void Remove(TaskLinks& task) {
    task.before->behind = task.behind;
    task.behind->before = task.before;
    task.before = task.behind = nullptr;
  }
  // For a loop: for (TaskLinks* at = first(); at != end(); at = at->behind).
  TaskLinks* first() { return ends_.behind; }
  const TaskLinks* end() const { return &ends_; }

 private:
  TaskLinks ends_;  // before the first and behind the last
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_TASK_LIST_H_
