// Where the server's log goes: standard error, one event a line, in one of three forms. Any thread.
//
//   text    2026-11-21T21:15:05.123Z info replaying log entries 1 to 20
//   logfmt  time=2026-11-21T21:15:05.123Z level=info event=replay.begun from_entry=1 msg="replaying …"
//   json {"time":"2026-11-21T21:15:05.123Z","level":"info","event":"replay.begun","from_entry":1,"msg":"…"}
//
// time, level, event and msg are in every line, the first three in front; event names are stable, sentences
// are not. What comes too often is left out and counted (log_repeats.h). Under systemd each line begins with
// its priority (<6>), which the journal takes off again.
#pragma once

#include <string>

#include "env/log.h"

namespace lode::node {

enum class LogForm : uint8_t { text, logfmt, json };

// One of text, logfmt, json; debug, info, warn, error. Throws std::invalid_argument.
LogForm log_form_of(const std::string& name);
env::LogLevel log_level_of(const std::string& name);

// A whole line with its line break. Line breaks within are escaped or made spaces. Pure.
std::string log_line(LogForm form, int64_t now_micros, const env::LogLine& line);

// Sends the log of this process to standard error from now on; called again, in another form.
void set_log_output(LogForm form, env::LogLevel least);
// Says what was left out, where its time is over: for when nothing else is logged. From time to time.
void say_left_out();

}  // namespace lode::node
