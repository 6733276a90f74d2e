// Puts damaged entries of a log in order from another copy of it, and damaged files from a backup of the very
// log that they are of.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/backup_folder.h"
#include "admin/stopped_data.h"
#include "admin/watch.h"

namespace lode::admin {

// Where entries can be had: an entry that is committed there, or nothing. May block.
using EntrySource = std::function<std::optional<log::StoredEntry>(record::EntryIndex index)>;

struct EntryRepair {
  std::vector<uint64_t> mended;
  struct Left {
    uint64_t entry = 0;
    std::string why;  // a sentence
  };
  std::vector<Left> left;  // still damaged
  // Whole chunks came back, at times as entries that were not compacted: what the log says is compacted is to
  // be carried out again (materialize::Compactions::reopen).
  bool chunks = false;
};

// Reads the whole log, and puts what `source` has in the place of entries that can't be read. What is of
// another term than the log's own header says is not taken. A damaged chunk is made anew of
// its entries. Throws Cancelled, log::WriteFailed.
EntryRepair repair_entries(log::RocksDbLog& log, const EntrySource& source, const Watch& watch);

// The entries of a backup's log. Makes `scratch`, a folder that goes with it: links to the backup's files.
class BackupEntries {
 public:
  // Throws BadBackup; std::runtime_error when the backup is of another shop's records.
  BackupEntries(const BackupFolder& from, const BackupManifest& manifest, std::filesystem::path scratch,
                uint64_t secret);
  ~BackupEntries();
  BackupEntries(const BackupEntries&) = delete;
  BackupEntries& operator=(const BackupEntries&) = delete;

  std::optional<log::StoredEntry> read(record::EntryIndex index) const;

 private:
  const std::filesystem::path scratch_;
  std::unique_ptr<log::RocksDbLog> log_;
};

// The same files of a log that nobody has open, where they are not what they were when the backup was made:
// tables and payloads, which never change. Answers the names of those that were replaced. A backup that is
// not of this very folder's log has none. Throws BadBackup, std::filesystem::filesystem_error, Cancelled.
std::vector<std::string> repair_files(const std::filesystem::path& log_folder, const BackupFolder& from,
                                      const BackupManifest& manifest, const Watch& watch);

}  // namespace lode::admin
