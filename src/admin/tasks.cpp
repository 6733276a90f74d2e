#include "admin/tasks.h"

#include <pthread.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "admin/task_files.h"
#include "admin/task_run.h"

namespace lode::admin {

namespace {

using RunPtr = std::shared_ptr<TaskRun>;

Refusal refuse(int status, std::string code, std::string detail) {
  return {status, {std::move(code), "", std::move(detail)}};
}

bool is_object(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  return parser.parse(json.data(), json.size()).get(object) == simdjson::SUCCESS;
}

}  // namespace

struct Tasks::Impl {
  Impl(std::filesystem::path folder, const env::Clock& the_clock,
       std::function<void(const std::string& sentence)> the_say)
      : clock(the_clock), say(the_say ? std::move(the_say) : [](const std::string&) {}), files(folder) {
    for (KeptTask& kept : files.load(say)) {
      last_number = number_of(kept.task.id);
      if (kept.task.state == TaskState::running) kept.task.state = TaskState::interrupted;
      runs.push_back(std::make_shared<TaskRun>(std::move(kept), clock, save));
    }
  }

  void keep(const TaskRun& run) {
    std::lock_guard lock(files_mutex);  // first: the newest is written last
    files.save(run.view(), run.memo());
  }
  void keep_or_say(const TaskRun& run) {
    try {
      keep(run);
    } catch (const std::exception& error) {
      say("task " + run.view().id + " can't be kept: " + error.what());
    }
  }

  RunPtr named(const std::string& id) const;
  void launch(const RunPtr& run);
  void work(TaskRun& run, const Kind& kind);
  std::vector<RunPtr> take_oldest();
  void forget(const std::vector<RunPtr>& oldest);

  const env::Clock& clock;
  const std::function<void(const std::string& sentence)> say;
  const std::function<void(const TaskRun&)> save = [this](const TaskRun& run) { keep(run); };
  std::mutex files_mutex;
  TaskFiles files;
  mutable std::mutex mutex;  // everything below
  mutable std::condition_variable ended;
  std::map<std::string, Kind> kinds;
  std::vector<RunPtr> runs;  // in the order of their start
  uint64_t last_number = 0;
  bool begun = false, stopping = false;
};

RunPtr Tasks::Impl::named(const std::string& id) const {
  const auto found =
      std::find_if(runs.begin(), runs.end(), [&](const RunPtr& run) { return run->view().id == id; });
  return found == runs.end() ? nullptr : *found;
}

// Under the mutex.
void Tasks::Impl::launch(const RunPtr& run) {
  const Kind& kind = kinds.at(run->view().kind);  // kinds are not changed any more
  run->thread = std::thread([this, &task = *run, &kind] { work(task, kind); });
}

void Tasks::Impl::work(TaskRun& run, const Kind& kind) {
  pthread_setname_np(pthread_self(), "lode-task");
  const Task task = run.view();
  say("task " + task.id + (task.runs > 1 ? " goes on" : " begins"));
  std::string result, error;
  try {
    result = kind.run(task.parameters, run.memo(), run);
  } catch (const std::exception& thrown) {
    error = *thrown.what() ? thrown.what() : "it failed without a reason";
  }
  const bool ended_by_others = result.empty() && run.cancelled();
  const TaskState state = ended_by_others ? (run.stopping() ? TaskState::interrupted : TaskState::cancelled)
                          : error.empty() ? TaskState::done
                                          : TaskState::failed;
  if (state == TaskState::done && result.empty()) result = "{}";
  run.end(state, std::move(result), state == TaskState::failed ? error : "");
  say("task " + task.id + " is " + std::string(name_of(state)) +
      (state == TaskState::failed ? ": " + error : ""));
  keep_or_say(run);
  std::lock_guard lock(mutex);
  ended.notify_all();
}

// Those beyond kKept, but not the last of a kind. Under the mutex.
std::vector<RunPtr> Tasks::Impl::take_oldest() {
  std::set<std::string> newer;  // kinds
  size_t kept = 0;
  std::vector<RunPtr> stay, go;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    const Task task = (*run)->view();
    const bool over = task.state != TaskState::running && task.state != TaskState::interrupted;
    const bool last = over && newer.insert(task.kind).second;
    (over && !last && kept >= kKept ? go : stay).push_back(*run);
    kept += over ? 1 : 0;
  }
  runs.assign(stay.rbegin(), stay.rend());
  return go;
}

// Without the mutex: a thread may be at its very end, where it takes it.
void Tasks::Impl::forget(const std::vector<RunPtr>& oldest) {
  for (const RunPtr& run : oldest) {
    if (run->thread.joinable()) run->thread.join();
    std::lock_guard lock(files_mutex);
    files.remove(run->view().id);
  }
}

Tasks::Tasks(std::filesystem::path folder, const env::Clock& clock,
             std::function<void(const std::string& sentence)> say)
    : impl_(std::make_unique<Impl>(std::move(folder), clock, std::move(say))) {}

Tasks::~Tasks() { stop(); }

void Tasks::add(Kind kind) {
  std::string name = kind.name;
  impl_->kinds[name] = std::move(kind);
}

void Tasks::begin() {
  std::lock_guard lock(impl_->mutex);
  if (impl_->begun || impl_->stopping) return;
  impl_->begun = true;
  for (const RunPtr& run : impl_->runs) {
    if (run->view().state != TaskState::interrupted) continue;
    if (!impl_->kinds.contains(run->view().kind)) {
      run->end(TaskState::failed, "", "this program has no such kind of task");
      impl_->keep_or_say(*run);
      continue;
    }
    run->resume();
    impl_->keep_or_say(*run);
    impl_->launch(run);
  }
}

std::variant<Task, Refusal> Tasks::start(const std::string& kind, std::string_view parameters,
                                         std::string_view started_by) {
  const std::string given(parameters.empty() ? "{}" : parameters);
  const auto found = impl_->kinds.find(kind);
  if (found == impl_->kinds.end()) return refuse(404, "unknown_kind", "There is no task of this kind.");
  if (!is_object(given)) return refuse(400, "invalid_type", "The parameters are a JSON object.");
  if (found->second.check)
    if (auto refusal = found->second.check(given)) return *refusal;
  std::unique_lock lock(impl_->mutex);
  if (!impl_->begun || impl_->stopping)
    return refuse(503, "not_ready", "Tasks start once the node is ready: ask again.");
  for (const RunPtr& run : impl_->runs) {
    const Task task = run->view();
    if (task.kind == kind && task.state == TaskState::running)
      return refuse(409, "task_running", "Task " + task.id + " of this kind is running: wait, or cancel it.");
  }
  KeptTask kept;
  kept.task.id = kind + "-" + std::to_string(impl_->last_number + 1);
  kept.task.kind = kind;
  kept.task.parameters = given;
  kept.task.started_by = started_by;
  kept.task.started_micros = impl_->clock.now_micros();
  auto run = std::make_shared<TaskRun>(std::move(kept), impl_->clock, impl_->save);
  try {
    impl_->keep(*run);
  } catch (const std::exception& error) {
    return refuse(507, "disk_full", "The task can't be kept: " + std::string(error.what()));
  }
  ++impl_->last_number;
  impl_->runs.push_back(run);
  const std::vector<RunPtr> oldest = impl_->take_oldest();
  impl_->launch(run);
  lock.unlock();
  impl_->forget(oldest);
  return run->view();
}

std::variant<Task, Refusal> Tasks::cancel(const std::string& id) {
  RunPtr run;
  {
    std::lock_guard lock(impl_->mutex);
    run = impl_->named(id);
  }
  if (!run) return refuse(404, "unknown_task", "There is no such task, or it is forgotten.");
  const TaskState state = run->view().state;
  if (state != TaskState::running && state != TaskState::interrupted)
    return refuse(409, "task_ended", "It has ended: it is " + std::string(name_of(state)) + ".");
  run->cancel();
  impl_->keep_or_say(*run);
  return run->view();
}

std::optional<Task> Tasks::find(const std::string& id) const {
  std::lock_guard lock(impl_->mutex);
  const RunPtr run = impl_->named(id);
  if (!run) return std::nullopt;
  return run->view();
}

std::vector<Task> Tasks::list() const {
  std::lock_guard lock(impl_->mutex);
  std::vector<Task> out;
  for (auto run = impl_->runs.rbegin(); run != impl_->runs.rend(); ++run) out.push_back((*run)->view());
  return out;
}

std::vector<Task> Tasks::last_of_each_kind() const {
  std::vector<Task> out;
  std::set<std::pair<std::string, bool>> seen;
  for (Task& task : list()) {
    const bool over = task.state != TaskState::running && task.state != TaskState::interrupted;
    if (seen.emplace(task.kind, over).second) out.push_back(std::move(task));
  }
  std::sort(out.begin(), out.end(), [](const Task& one, const Task& other) {
    return std::pair(one.kind, number_of(one.id)) < std::pair(other.kind, number_of(other.id));
  });
  return out;
}

bool Tasks::wait(const std::string& id, uint32_t milliseconds) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->ended.wait_for(lock, std::chrono::milliseconds(milliseconds), [&] {
    const RunPtr run = impl_->named(id);
    return !run || !run->running();
  });
}

void Tasks::stop() {
  std::vector<RunPtr> runs;
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    runs = impl_->runs;
  }
  for (const RunPtr& run : runs) run->interrupt();
  for (const RunPtr& run : runs)
    if (run->thread.joinable()) run->thread.join();
}

}  // namespace lode::admin
