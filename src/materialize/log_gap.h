// What a state would need of the log and the log no longer has: its entries before some index are dropped one
// day (retention), or were never there (a node that began with another one's state). Pure; any thread.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "log/log.h"
#include "record/types.h"

namespace lode::materialize {

// The log can't be replayed from where the state stands. Not damage of the log: a state from elsewhere cures
// it, of another node (snapshot/fetch.h) or of a backup.
class LogTruncated : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct LogGap {
  record::EntryIndex first, last;  // the entries that are missing
};

// Between a state made of the entries up to `applied` (0: no state) and the first entry that is left.
std::optional<LogGap> gap_behind(const log::Log& log, record::GroupId group, record::EntryIndex applied);

// Throws LogTruncated when a state made of the entries up to `applied` can't be replayed on. To be asked with
// 0 before a state is dropped to be made anew; `why` says the reason for that, such as "the ruleset changed".
void require_replayable(const log::Log& log, record::GroupId group, record::EntryIndex applied,
                        const std::string& why = "");

}  // namespace lode::materialize
