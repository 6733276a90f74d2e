// Makes a backup of a node that serves: everything of one moment, of which only what is new is copied. What
// was copied is read again before the backup counts. A kill leaves what was copied, and the next backup
// begins there.
#pragma once

#include <cstdint>
#include <string>

#include "admin/backup_folder.h"
#include "admin/data_copy.h"
#include "env/clock.h"

namespace lode::admin {

struct BackupNode {
  uint64_t node = 0;
  std::string cluster;  // its id; "" none
};

struct BackupReport {
  uint64_t id = 0;
  int64_t last_offset = -1;  // -1: no record
  uint64_t files = 0, bytes = 0;
  uint64_t new_files = 0, new_bytes = 0;  // that were copied
};

// Blocks. Throws Cancelled, and then the folder is as before, contents aside; BadBackup; std::runtime_error,
// std::filesystem::filesystem_error with a sentence; what DataCopy does.
BackupReport create_backup(const LiveData& data, const BackupNode& node, BackupFolder& to,
                           const env::Clock& clock, const Watch& watch);

// Reads everything that the backup names. Throws BadBackup at the first damage.
void check_backup(const BackupFolder& folder, const BackupManifest& manifest, const Watch& watch);

// Of the log's secret, which tells one shop's records from another's.
uint64_t secret_hash(const log::Log& log);
// Of a log's files; "" where they have none. Files of one name and identity are one file.
std::string log_identity(const std::filesystem::path& log_folder);

}  // namespace lode::admin
