// What a node does by itself from time to time: compaction and backup at the times of their schedules, one
// after the other, never two at once; and what the log says is compacted, as soon as it says so. Schedules
// are kept beside the log: what was due while the node was down is made up once.
//
// Threads: one of its own does everything; calls from any.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "admin/schedule.h"
#include "admin/tasks.h"
#include "log/log.h"
#include "materialize/compactions.h"
#include "node/config.h"

namespace lode::node {

class Upkeep {
 public:
  struct Step {
    std::string kind;  // of a task
    std::function<std::string(int64_t now)> parameters;
  };
  struct Job {
    std::string name;  // "compact"; its schedule is kept under it
    admin::Schedule schedule;
    std::vector<Step> steps;
  };

  // All outlive it.
  Upkeep(std::vector<Job> jobs, admin::Tasks& tasks, const materialize::Compactions& compactions,
         log::Log& log, const env::Clock& clock);
  ~Upkeep();  // stop()

  void start();
  void stop();
  // One look, as the thread has every second.
  void look();

  struct View {
    std::string name, expression, zone;
    std::optional<int64_t> next_micros;
    std::string last_task;  // that it started; ""
    std::string trouble;    // why the last one was not begun; ""
  };
  std::vector<View> view() const;

 private:
  struct Waiting {
    size_t job = 0, step = 0;
  };
  void take_due(int64_t now);
  void run_waiting(int64_t now);
  void carry_out_compactions();
  bool is_running(const std::string& task) const;
  void dealt_with(size_t job, int64_t now);

  admin::Tasks& tasks_;
  const materialize::Compactions& compactions_;
  log::Log& log_;
  const env::Clock& clock_;
  std::deque<Waiting> waiting_;  // of the thread
  std::string running_;          // likewise: a task; ""
  int64_t again_micros_ = 0;     // likewise: by the steady clock

  mutable std::mutex mutex_;  // everything below
  std::condition_variable wake_;
  std::vector<Job> jobs_;
  std::vector<View> views_;  // as jobs_
  bool stopping_ = false;
  std::thread thread_;
};

// What the configuration says. `log`: where schedules are kept.
std::vector<Upkeep::Job> upkeep_jobs(const Config& config, const log::Log& log, const env::Clock& clock);
// For status: a JSON array.
std::string schedules_json(const Upkeep& upkeep, const admin::Tasks& tasks);

}  // namespace lode::node
