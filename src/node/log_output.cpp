#include "node/log_output.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <mutex>
#include <stdexcept>

#include "env/clock.h"
#include "event/time.h"
#include "node/log_repeats.h"
#include "wire/json_text.h"

namespace lode::node {

namespace {

std::string_view name_of(env::LogLevel level) {
  constexpr std::array<std::string_view, 5> kNames{"debug", "info", "warn", "error", "critical"};
  return kNames[static_cast<size_t>(level)];
}

// With milliseconds, always: lines stand below each other.
std::string time_text(int64_t micros) {
  const std::string seconds = event::format_rfc3339({micros - micros % 1'000'000});
  const std::string millis = std::to_string(1000 + micros / 1000 % 1000).substr(1);
  return seconds.substr(0, seconds.size() - 1) + "." + millis + "Z";
}

bool is_plain(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\' || c == 127) return false;
  return !text.empty();
}

void append_pair(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out += ' ';
  out += key;
  out += '=';
  if (is_plain(value)) {
    out += value;
  } else {
    wire::append_json_string(out, value);
  }
}

std::string text_line(int64_t now, const env::LogLine& line) {
  std::string out = time_text(now) + " " + std::string(name_of(line.level)) + " ";
  for (const char c : line.sentence) out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  return out;
}

std::string logfmt_line(int64_t now, const env::LogLine& line) {
  std::string out;
  append_pair(out, "time", time_text(now));
  append_pair(out, "level", name_of(line.level));
  append_pair(out, "event", line.event);
  for (const env::LogField& field : line.fields) append_pair(out, field.key, field.value);
  append_pair(out, "msg", line.sentence);
  return out;
}

std::string json_line(int64_t now, const env::LogLine& line) {
  std::string out = "{";
  auto add = [&out](std::string_view key, std::string_view value, bool number = false) {
    if (out.size() > 1) out += ',';
    wire::append_json_string(out, key);
    out += ':';
    if (number) {
      out += value;
    } else {
      wire::append_json_string(out, value);
    }
  };
  add("time", time_text(now));
  add("level", name_of(line.level));
  add("event", line.event);
  for (const env::LogField& field : line.fields) add(field.key, field.value, field.is_number);
  add("msg", line.sentence);
  return out + "}";
}

// Standard error is the journal's (JOURNAL_STREAM names its socket).
bool is_journal() {
  const char* named = std::getenv("JOURNAL_STREAM");
  struct stat error {};
  if (!named || fstat(STDERR_FILENO, &error) != 0) return false;
  return named == std::to_string(error.st_dev) + ":" + std::to_string(error.st_ino);
}

std::string priority_of(env::LogLevel level) {
  constexpr std::array<char, 5> kPriorities{'7', '6', '4', '3', '2'};
  return {'<', kPriorities[static_cast<size_t>(level)], '>'};
}

void write_whole(std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody to tell
    line.remove_prefix(static_cast<size_t>(written));
  }
}

// Standard error, as this process writes it: a line at a time.
struct Output {
  void write(const env::LogLine& line) {
    std::lock_guard lock(mutex);
    say_left_out();
    if (repeats.passes(line.level, line.event, env::SystemClock().steady_micros())) put(line);
  }
  // Both under the mutex.
  void put(const env::LogLine& line) const {
    const std::string prefix = journal ? priority_of(line.level) : "";
    write_whole(prefix + log_line(form, env::SystemClock().now_micros(), line));
  }
  void say_left_out() {
    for (const auto& left : repeats.take_left_out(env::SystemClock().steady_micros())) {
      const std::array<env::LogField, 2> fields{env::LogField{"of", left.event}, {"lines", left.lines}};
      put({left.level, "log.left_out",
           fmt::format("{} lines more of {} were left out", left.lines, left.event), fields});
    }
  }

  std::mutex mutex;
  LogForm form = LogForm::text;
  LogRepeats repeats;
  const bool journal = is_journal();
};

// Never destroyed: threads may log while the process ends.
Output& the_output() {
  static auto* const output = new Output;
  return *output;
}

}  // namespace

LogForm log_form_of(const std::string& name) {
  if (name == "text") return LogForm::text;
  if (name == "logfmt") return LogForm::logfmt;
  if (name == "json") return LogForm::json;
  throw std::invalid_argument("'" + name + "' is none of text, logfmt, json");
}

env::LogLevel log_level_of(const std::string& name) {
  for (auto level : {env::LogLevel::debug, env::LogLevel::info, env::LogLevel::warning, env::LogLevel::error})
    if (name == name_of(level)) return level;
  throw std::invalid_argument("'" + name + "' is none of debug, info, warn, error");
}

std::string log_line(LogForm form, int64_t now_micros, const env::LogLine& line) {
  switch (form) {
    case LogForm::logfmt:
      return logfmt_line(now_micros, line) + "\n";
    case LogForm::json:
      return json_line(now_micros, line) + "\n";
    case LogForm::text:
      break;
  }
  return text_line(now_micros, line) + "\n";
}

void set_log_output(LogForm form, env::LogLevel least) {
  Output& output = the_output();
  {
    std::lock_guard lock(output.mutex);
    output.form = form;
  }
  env::set_log_level(least);
  env::set_log_sink([&output](const env::LogLine& line) { output.write(line); });
}

void say_left_out() {
  Output& output = the_output();
  std::lock_guard lock(output.mutex);
  output.say_left_out();
}

}  // namespace lode::node
