// One run of something that takes long, as a value: what it is, how far, how it ended. Its bytes on the disk
// are in FORMAT.md. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lode::admin {

// running:     on its thread, or waiting for it after a start.
// done:        its function returned a result.
// failed:      its function threw; `error` is the sentence.
// cancelled:   somebody asked for it, and the function came to its end because of it.
// interrupted: the process stopped or was killed; goes on at the next start.
enum class TaskState : uint8_t { running, done, failed, cancelled, interrupted };
std::string_view name_of(TaskState state);

// How far a task is. Another stage begins to count anew.
struct Progress {
  std::string stage;  // a few words: "building", "comparing daily_sales"; "" nothing yet
  uint64_t done = 0;
  uint64_t total = 0;  // 0: not known
  std::string unit;    // of both: "records", "entries", "bytes"
};

struct Task {
  std::string id;    // "replay-12"; never used again
  std::string kind;  // "replay"
  TaskState state = TaskState::running;
  std::string parameters;  // a JSON object
  std::string started_by;  // "request", "schedule"
  int64_t started_micros = 0, ended_micros = 0;
  uint32_t runs = 1;  // 1, and one more for each time that it went on after an interruption
  Progress progress;
  double per_second = 0;                 // of the stage, in this run; 0: not known
  std::optional<uint64_t> seconds_left;  // of the stage
  std::optional<double> percent;         // of the stage, 0..100
  bool cancelling = false;               // it was asked to end, and has not yet
  std::string result;                    // of one that is done: a JSON object; else ""
  std::string error;                     // of one that failed
};
// The JSON object that the routes show. Pure.
std::string json_of(const Task& task);
// What a file has of it: what json_of() shows, and the memo. decode throws std::runtime_error with a
// sentence.
std::string encode(const Task& task, std::string_view memo);
struct KeptTask {
  Task task;
  std::string memo;  // "" none
};
KeptTask decode_task(std::string_view bytes);

}  // namespace lode::admin
