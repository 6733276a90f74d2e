// A task and what runs it: the function's side (TaskControl) and the state that others look at. Threads: as
// TaskControl; the rest from any thread.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "admin/tasks.h"

namespace lode::admin {

class TaskRun final : public TaskControl {
 public:
  // `save` keeps what view() and memo() say, durably; `clock` and `save` outlive it.
  TaskRun(KeptTask kept, const env::Clock& clock, const std::function<void(const TaskRun&)>& save);

  bool cancelled() const override { return cancelling_ || stopping_; }
  bool stopping() const override { return stopping_ && !cancelling_; }
  void progress(const Progress& progress) override;
  void remember(std::string_view memo) override;

  Task view() const;
  std::string memo() const;
  bool running() const { return view().state == TaskState::running; }
  void cancel() { cancelling_ = true; }
  void interrupt() { stopping_ = true; }
  void resume();  // an interrupted one runs again
  // What became of it; kept by who calls.
  void end(TaskState state, std::string result, std::string error);

  std::thread thread;  // of who owns the run

 private:
  const env::Clock& clock_;
  const std::function<void(const TaskRun&)>& save_;
  std::atomic<bool> cancelling_, stopping_ = false;
  mutable std::mutex mutex_;  // everything below
  Task task_;
  std::string memo_;
  uint64_t stage_from_ = 0;   // what was done when the stage began, in this run
  int64_t stage_micros_ = 0;  // when, by the steady clock
};

}  // namespace lode::admin
