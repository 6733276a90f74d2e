#include "node/task_metrics.h"

#include "node/metric_families.h"

namespace lode::node {

std::vector<prometheus::MetricFamily> families_of(const admin::Tasks& tasks) {
  std::vector<prometheus::ClientMetric> running, share, ended, ended_well, took;
  for (const admin::Task& task : tasks.last_of_each_kind()) {
    if (task.state == admin::TaskState::running) {
      running.push_back(gauged(1, "kind", task.kind));
      share.push_back(gauged(task.percent.value_or(0) / 100, "kind", task.kind));
      continue;
    }
    if (task.ended_micros == 0) continue;
    ended.push_back(gauged(static_cast<double>(task.ended_micros) / 1e6, "kind", task.kind));
    ended_well.push_back(gauged(task.state == admin::TaskState::done ? 1 : 0, "kind", task.kind));
    took.push_back(
        gauged(static_cast<double>(task.ended_micros - task.started_micros) / 1e6, "kind", task.kind));
  }
  std::vector<prometheus::MetricFamily> out;
  auto add = [&](const char* name, const char* help, std::vector<prometheus::ClientMetric> metrics) {
    if (!metrics.empty()) out.push_back(gauges(name, help, std::move(metrics)));
  };
  add("lode_task_running", "1 while a task of this kind runs.", std::move(running));
  add("lode_task_progress_ratio", "Of the stage that the running task is in: 0 to 1.", std::move(share));
  add("lode_task_last_ended_timestamp_seconds", "When the last task of this kind ended.", std::move(ended));
  add("lode_task_last_success", "1 when the last task of this kind was done; 0: failed or cancelled.",
      std::move(ended_well));
  add("lode_task_last_duration_seconds", "From the start of the last task of this kind to its end.",
      std::move(took));
  return out;
}

}  // namespace lode::node
