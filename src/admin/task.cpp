#include "admin/task.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <stdexcept>

#include "env/newer_format.h"
#include "event/json_text.h"
#include "event/time.h"

namespace lode::admin {

namespace {

constexpr uint64_t kFormat = 1;
constexpr std::string_view kStates[] = {"running", "done", "failed", "cancelled", "interrupted"};

std::string in_quotes(std::string_view text) {
  std::string out;
  event::append_quoted(out, text);
  return out;
}

std::string time_or_null(int64_t micros) {
  return micros == 0 ? "null" : '"' + event::format_rfc3339({micros}) + '"';
}

std::string_view object_or_null(std::string_view json) { return json.empty() ? "null" : json; }

std::string members_of(const Task& task) {
  const Progress& at = task.progress;
  return fmt::format(
      R"("id":{},"kind":{},"state":"{}","parameters":{},"started_by":{},"started_at":{},"ended_at":{},)"
      R"("runs":{},"progress":{{"stage":{},"done":{},"total":{},"unit":{},"percent":{},"per_second":{},)"
      R"("seconds_left":{}}},"cancelling":{},"result":{},"error":{})",
      in_quotes(task.id), in_quotes(task.kind), name_of(task.state),
      task.parameters.empty() ? "{}" : task.parameters, in_quotes(task.started_by),
      time_or_null(task.started_micros), time_or_null(task.ended_micros), task.runs, in_quotes(at.stage),
      at.done, at.total, in_quotes(at.unit), task.percent ? fmt::format("{:.1f}", *task.percent) : "null",
      task.per_second > 0 ? fmt::format("{:.0f}", task.per_second) : "null",
      task.seconds_left ? std::to_string(*task.seconds_left) : "null", task.cancelling,
      object_or_null(task.result), task.error.empty() ? "null" : in_quotes(task.error));
}

TaskState state_named(std::string_view name) {
  for (size_t i = 0; i < std::size(kStates); ++i)
    if (kStates[i] == name) return static_cast<TaskState>(i);
  throw std::runtime_error("a task is in no known state");
}

std::string text_of(simdjson::dom::object object, const char* name) {
  simdjson::dom::element value = object[name];
  return value.is_null() ? "" : std::string(std::string_view(value));
}

std::string json_in(simdjson::dom::object object, const char* name) {
  simdjson::dom::element value = object[name];
  return value.is_null() ? "" : simdjson::minify(value);
}

int64_t micros_of(simdjson::dom::object object, const char* name) {
  const std::string text = text_of(object, name);
  if (text.empty()) return 0;
  event::Micros out{};
  if (!event::parse_rfc3339(text, out)) throw std::runtime_error("a task's time is none");
  return out.value;
}

Progress progress_of(simdjson::dom::object object) {
  return {text_of(object, "stage"), uint64_t(object["done"]), uint64_t(object["total"]),
          text_of(object, "unit")};
}

}  // namespace

std::string_view name_of(TaskState state) { return kStates[static_cast<size_t>(state)]; }

std::string json_of(const Task& task) { return "{" + members_of(task) + "}"; }

std::string encode(const Task& task, std::string_view memo) {
  return fmt::format("{{\"format\":{},{},\"memo\":{}}}\n", kFormat, members_of(task), object_or_null(memo));
}

KeptTask decode_task(std::string_view bytes) {
  try {
    simdjson::dom::parser parser;
    simdjson::dom::object root = parser.parse(bytes.data(), bytes.size());
    if (const auto format = uint64_t(root["format"]); format > kFormat)
      throw std::runtime_error(env::newer_format("it", format, kFormat));
    KeptTask out;
    Task& task = out.task;
    task.id = text_of(root, "id");
    task.kind = text_of(root, "kind");
    task.state = state_named(std::string_view(root["state"]));
    task.parameters = json_in(root, "parameters");
    task.started_by = text_of(root, "started_by");
    task.started_micros = micros_of(root, "started_at");
    task.ended_micros = micros_of(root, "ended_at");
    task.runs = static_cast<uint32_t>(uint64_t(root["runs"]));
    task.progress = progress_of(root["progress"]);
    task.cancelling = bool(root["cancelling"]);
    task.result = json_in(root, "result");
    task.error = text_of(root, "error");
    out.memo = json_in(root, "memo");
    return out;
  } catch (const simdjson::simdjson_error& error) {
    throw std::runtime_error(error.what());
  }
}

}  // namespace lode::admin
