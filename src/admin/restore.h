// Brings a backup into a data folder that no server has open: log, ruleset, secret, state. The folder is one
// that a server can be started on when this returns; killed before, it is refused by a server, and another
// restore into it begins anew, with what is there already.
//
// What was restored may be behind what its node had promised others: it must not speak for it again. So the
// caller makes it a group of its own (RestoreRequest::settle).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "admin/backup_folder.h"
#include "admin/restore_point.h"

namespace lode::admin {

// Lies in a data folder while a restore into it is not done.
inline constexpr std::string_view kRestoring = "restoring";

struct RestoreRequest {
  std::filesystem::path data_dir;  // made when it is not there
  std::optional<uint64_t> backup;  // nothing: the newest
  RestorePoint point;
  bool force = false;  // what is in the folder goes
  // The log holds what it will; once.
  std::function<void(log::Log& log)> settle;
};

struct RestoreReport {
  uint64_t backup = 0;
  uint64_t bytes = 0;        // that were brought here
  int64_t last_offset = -1;  // of what was restored; -1: no record
  int64_t last_micros = 0;   // its receive time
  uint64_t last_entry = 0;
  std::string state_from;  // "backup 3", "the log"
  std::string state_hash;  // 32 hex digits
};

// Blocks. Throws BadBackup, std::runtime_error with a sentence, std::filesystem::filesystem_error, Cancelled,
// and what opening a log and a state does.
RestoreReport restore(const BackupFolder& from, const RestoreRequest& request, const Watch& watch);

}  // namespace lode::admin
