#include "admin/task_run.h"

#include <algorithm>
#include <cmath>

namespace lode::admin {

TaskRun::TaskRun(KeptTask kept, const env::Clock& clock, const std::function<void(const TaskRun&)>& save)
    : clock_(clock),
      save_(save),
      cancelling_(kept.task.cancelling),
      task_(std::move(kept.task)),
      memo_(std::move(kept.memo)) {}

void TaskRun::progress(const Progress& progress) {
  std::lock_guard lock(mutex_);
  const int64_t now = clock_.steady_micros();
  if (stage_micros_ == 0 || progress.stage != task_.progress.stage || progress.done < task_.progress.done) {
    stage_from_ = progress.done;
    stage_micros_ = now;
  }
  task_.progress = progress;
}

void TaskRun::remember(std::string_view memo) {
  {
    std::lock_guard lock(mutex_);
    memo_ = memo;
  }
  save_(*this);
}

Task TaskRun::view() const {
  std::lock_guard lock(mutex_);
  Task out = task_;
  out.cancelling = cancelling_ && (out.state == TaskState::running || out.state == TaskState::interrupted);
  const Progress& at = out.progress;
  if (at.total > 0)
    out.percent = std::min(100.0, 100 * static_cast<double>(at.done) / static_cast<double>(at.total));
  const double seconds = static_cast<double>(clock_.steady_micros() - stage_micros_) / 1e6;
  if (out.state != TaskState::running || stage_micros_ == 0 || seconds <= 0 || at.done <= stage_from_)
    return out;
  out.per_second = static_cast<double>(at.done - stage_from_) / seconds;
  if (at.total >= at.done)
    out.seconds_left =
        static_cast<uint64_t>(std::ceil(static_cast<double>(at.total - at.done) / out.per_second));
  return out;
}

std::string TaskRun::memo() const {
  std::lock_guard lock(mutex_);
  return memo_;
}

void TaskRun::resume() {
  std::lock_guard lock(mutex_);
  task_.state = TaskState::running;
  ++task_.runs;
}

void TaskRun::end(TaskState state, std::string result, std::string error) {
  std::lock_guard lock(mutex_);
  task_.state = state;
  task_.result = std::move(result);
  task_.error = std::move(error);
  if (state != TaskState::interrupted) task_.ended_micros = clock_.now_micros();
  if (state != TaskState::interrupted) memo_.clear();
}

}  // namespace lode::admin
