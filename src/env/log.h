// What the program has to say, one event a line: a level, the event's name, a sentence, and fields. Where it
// goes is the program's choice: standard error of a server, a function of the program that embeds the engine,
// or, until somebody chooses, nowhere.
//
// Levels: `error` is for somebody to act on now; `warning` will be one if nothing changes; `info` is what an
// operator wants to find afterwards: starts, stops, changes of state; `debug` what only whoever looks for a
// fault wants. `critical`: the process ends with it. Nothing in it is of a client's data.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace lode::env {

enum class LogLevel : uint8_t { debug, info, warning, error, critical };

struct LogField {
  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  LogField(std::string_view name, const char* text) : key(name), value(text) {}
  LogField(std::string_view name, const std::string& text) : key(name), value(text) {}
  LogField(std::string_view name, std::integral auto number)
      : key(name), value(std::to_string(number)), is_number(true) {}

  std::string_view key;
  std::string value;
  bool is_number = false;
};

struct LogLine {
  LogLevel level = LogLevel::info;
  std::string_view event;     // snake_case, with a dot behind its part: "peer.lost"; stable
  std::string_view sentence;  // for people
  std::span<const LogField> fields;
};

// Any thread, at any time; lines go to the new one from now on. The sink is called on any thread, by several
// at once.
using LogSink = std::function<void(const LogLine&)>;
void set_log_sink(LogSink sink);  // null: nowhere
void set_log_level(LogLevel least);

bool logs(LogLevel level);
void log(LogLevel level, std::string_view event, std::string_view sentence,
         std::initializer_list<LogField> fields = {});

inline void log_debug(std::string_view event, std::string_view sentence,
                      std::initializer_list<LogField> fields = {}) {
  log(LogLevel::debug, event, sentence, fields);
}
inline void log_info(std::string_view event, std::string_view sentence,
                     std::initializer_list<LogField> fields = {}) {
  log(LogLevel::info, event, sentence, fields);
}
inline void log_warning(std::string_view event, std::string_view sentence,
                        std::initializer_list<LogField> fields = {}) {
  log(LogLevel::warning, event, sentence, fields);
}
inline void log_error(std::string_view event, std::string_view sentence,
                      std::initializer_list<LogField> fields = {}) {
  log(LogLevel::error, event, sentence, fields);
}
inline void log_critical(std::string_view event, std::string_view sentence,
                         std::initializer_list<LogField> fields = {}) {
  log(LogLevel::critical, event, sentence, fields);
}

}  // namespace lode::env
