#include "node/upkeep.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "env/log.h"
#include "event/time.h"
#include "wire/json_text.h"

namespace lode::node {

namespace {

constexpr std::chrono::seconds kTick{1};
// A compaction that something holds back is looked after again so much later.
constexpr int64_t kAgainMicros = 60'000'000;

std::string fact_of(const std::string& name) { return "schedule/" + name; }

}  // namespace

Upkeep::Upkeep(std::vector<Job> jobs, admin::Tasks& tasks, const materialize::Compactions& compactions,
               log::Log& log, const env::Clock& clock)
    : tasks_(tasks), compactions_(compactions), log_(log), clock_(clock), jobs_(std::move(jobs)) {
  for (const Job& job : jobs_)
    views_.push_back({job.name, job.schedule.cron().expression(), job.schedule.cron().zone(), {}, "", ""});
}

Upkeep::~Upkeep() { stop(); }

void Upkeep::start() {
  for (const Job& job : jobs_) log_.put_meta(fact_of(job.name), job.schedule.kept());
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "lode-upkeep");
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kTick, [this] { return stopping_; })) {
      lock.unlock();
      try {
        look();
      } catch (const std::exception& error) {
        env::log_warning("upkeep.failed", fmt::format("upkeep: {}", error.what()), {{"error", error.what()}});
      }
      lock.lock();
    }
  });
}

void Upkeep::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Upkeep::look() {
  const int64_t now = clock_.now_micros();
  take_due(now);
  run_waiting(now);
  carry_out_compactions();
}

void Upkeep::take_due(int64_t now) {
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < jobs_.size(); ++i) {
    const bool waits =
        std::any_of(waiting_.begin(), waiting_.end(), [&](const Waiting& one) { return one.job == i; });
    if (waits || !jobs_[i].schedule.is_due(now)) continue;
    for (size_t step = 0; step < jobs_[i].steps.size(); ++step) waiting_.push_back({i, step});
  }
}

bool Upkeep::is_running(const std::string& task) const {
  const auto found = tasks_.find(task);
  return found && found->state == admin::TaskState::running;
}

void Upkeep::run_waiting(int64_t now) {
  if (!running_.empty() && is_running(running_)) return;
  running_.clear();
  if (waiting_.empty()) return;
  const Waiting next = waiting_.front();
  const Step step = jobs_[next.job].steps[next.step];
  auto started = tasks_.start(step.kind, step.parameters(now), "schedule");
  std::string trouble;
  if (const auto* refusal = std::get_if<admin::Refusal>(&started)) {
    // One of its kind runs, or the node is not ready: later.
    if (refusal->problem.code == "task_running" || refusal->problem.code == "not_ready") return;
    trouble = refusal->problem.detail;
  } else {
    running_ = std::get<admin::Task>(started).id;
  }
  waiting_.pop_front();
  std::lock_guard lock(mutex_);
  views_[next.job].trouble = trouble;
  if (!running_.empty()) views_[next.job].last_task = running_;
  if (waiting_.empty() || waiting_.front().job != next.job) dealt_with(next.job, now);
}

void Upkeep::dealt_with(size_t job, int64_t now) {
  jobs_[job].schedule.dealt_with(now);
  log_.put_meta(fact_of(jobs_[job].name), jobs_[job].schedule.kept());
}

void Upkeep::carry_out_compactions() {
  const int64_t now = clock_.steady_micros();
  if (now < again_micros_ || !compactions_.any_open()) return;
  const auto started = tasks_.start("compact-log", R"({"decided":true})", "log");
  if (std::holds_alternative<admin::Task>(started)) again_micros_ = now + kAgainMicros;
}

std::vector<Upkeep::View> Upkeep::view() const {
  std::lock_guard lock(mutex_);
  std::vector<View> out = views_;
  for (size_t i = 0; i < jobs_.size(); ++i) out[i].next_micros = jobs_[i].schedule.next();
  return out;
}

std::vector<Upkeep::Job> upkeep_jobs(const Config& config, const log::Log& log, const env::Clock& clock) {
  std::vector<Upkeep::Job> jobs;
  const auto add = [&](const std::string& name, const std::string& expression, const std::string& zone,
                       std::vector<Upkeep::Step> steps) {
    const std::string kept = log.get_meta(fact_of(name)).value_or("");
    jobs.push_back({name, {env::Cron(expression, zone), kept, clock.now_micros()}, std::move(steps)});
  };
  if (!config.compact_schedule.empty()) {
    const auto age = static_cast<int64_t>(config.compact_older_than_seconds) * 1'000'000;
    std::vector<Upkeep::Step> steps{{"compact-log", [age](int64_t now) {
                                       return fmt::format(R"({{"before":"{}"}})",
                                                          event::format_rfc3339({now - age}));
                                     }}};
    if (config.compact_state) steps.push_back({"compact-state", [](int64_t) { return "{}"; }});
    add("compact", config.compact_schedule, config.compact_time_zone, std::move(steps));
  }
  if (!config.backup_schedule.empty())
    add("backup", config.backup_schedule, config.backup_time_zone,
        {{"backup", [dir = std::filesystem::absolute(config.backup_dir).lexically_normal().string(),
                     keep = config.backup_keep](int64_t) {
            return fmt::format(R"({{"dir":{},"keep":{}}})", wire::json_string(dir), keep);
          }}});
  return jobs;
}

std::string schedules_json(const Upkeep& upkeep, const admin::Tasks& tasks) {
  std::string out;
  for (const Upkeep::View& one : upkeep.view()) {
    const auto last = one.last_task.empty() ? std::nullopt : tasks.find(one.last_task);
    out += fmt::format(
        R"({}{{"name":{},"schedule":{},"time_zone":{},"next_run":{},"last_run":{},"trouble":{}}})",
        out.empty() ? "" : ",", wire::json_string(one.name), wire::json_string(one.expression),
        wire::json_string(one.zone),
        one.next_micros ? wire::json_string(event::format_rfc3339({*one.next_micros})) : "null",
        last ? admin::json_of(*last) : "null", wire::json_string(one.trouble));
  }
  return "[" + out + "]";
}

}  // namespace lode::node
