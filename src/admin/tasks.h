// Everything that takes long, in one place: replay, compaction, backup, verification. A kind of work is
// registered under a name; a task is one run of it, on a thread of its own, one of a kind at a time. Tasks
// are kept on the disk, the last kKept of them: one that a kill or a stop interrupted goes on at the next
// start, with what it remembered.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "admin/task.h"
#include "env/clock.h"
#include "event/problem.h"

namespace lode::admin {

// What a kind's function is given. Valid while it runs; any thread.
class TaskControl {
 public:
  virtual ~TaskControl() = default;
  // It is to return soon, with "" or an exception: somebody cancelled it, or the process stops. A result all
  // the same says that it was done. To be asked at least ten times a second; a task that was cancelled and
  // then interrupted begins its next run with true, to put away what it made.
  virtual bool cancelled() const = 0;
  // The process stops, and the task goes on at the next start: what was made so far stays where it is.
  virtual bool stopping() const = 0;
  virtual void progress(const Progress& progress) = 0;
  // A JSON object that is given back when the task goes on after an interruption; the last one counts.
  // Durable when it returns.
  virtual void remember(std::string_view memo) = 0;
};

struct Refusal {
  int status = 409;
  event::Problem problem;
};

struct Kind {
  std::string name;  // "compact-log"; also the route, POST /v1/admin/<name>
  // Looks at the parameters before there is a task: nothing when they are right. Any thread; may be null.
  std::function<std::optional<Refusal>(std::string_view parameters)> check;
  // Does the work and answers the result, a JSON object. Throws std::exception with a sentence. `memo`: what
  // an interrupted run remembered last; "" at the first. Must cope with a kill anywhere.
  std::function<std::string(std::string_view parameters, std::string_view memo, TaskControl& control)> run;
};

// Threads: add() before begin(); everything else from any thread.
class Tasks {
 public:
  static constexpr size_t kKept = 50;  // tasks that ended; the older ones are forgotten

  // Reads what `folder` has, and makes it. `say` gets a sentence when a task begins or ends. Throws
  // std::filesystem::filesystem_error. `clock` outlives it.
  Tasks(std::filesystem::path folder, const env::Clock& clock,
        std::function<void(const std::string& sentence)> say = nullptr);
  ~Tasks();  // stop()
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  void add(Kind kind);
  // Tasks may start from now on; those that were interrupted go on. Once.
  void begin();

  // `parameters`: a JSON object ("" is {}). Refused: 404 `unknown_kind`, 409 `task_running`, 503 `not_ready`
  // before begin() and while stopping, and what the kind's check says.
  std::variant<Task, Refusal> start(const std::string& kind, std::string_view parameters,
                                    std::string_view started_by = "request");
  // Asks it to end: the task as it is now, perhaps still running. Refused: 404 `unknown_task`, 409
  // `task_ended`.
  std::variant<Task, Refusal> cancel(const std::string& id);
  std::optional<Task> find(const std::string& id) const;
  std::vector<Task> list() const;  // the newest first
  // Of each kind that ever ran, its last task that ended, and of each that runs, the one that does.
  std::vector<Task> last_of_each_kind() const;
  // Returns once nothing runs: for tests and for who embeds. False: the time is over.
  bool wait(const std::string& id, uint32_t milliseconds) const;

  // Interrupts what runs and waits for it; nothing starts any more. Kept: they go on at the next start.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::admin
