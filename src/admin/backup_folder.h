// A folder of backups: contents, each once, and for each backup a manifest that names them. A backup counts
// once its manifest is there, and it is the last thing that is written: a kill leaves contents that the next
// backup uses, or prune removes. Layout: FORMAT.md.
//
// Threads: one at a time. Processes: one that changes it at a time, else std::runtime_error. Throws
// std::system_error, std::filesystem::filesystem_error, BadBackup.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "admin/backup_manifest.h"
#include "admin/watch.h"

namespace lode::admin {

// What a file holds. Throws std::system_error, Cancelled.
Content read_content(const std::filesystem::path& file, const Watch& watch);

class BackupFolder {
 public:
  enum class Open : uint8_t { to_read, to_write };  // to_write: makes it when it is not there
  // Throws BadBackup when it is none, or a newer program's.
  BackupFolder(std::filesystem::path folder, Open open);
  ~BackupFolder();
  BackupFolder(const BackupFolder&) = delete;
  BackupFolder& operator=(const BackupFolder&) = delete;

  const std::filesystem::path& path() const { return folder_; }

  // Ascending.
  std::vector<uint64_t> ids() const;
  // Throws BadBackup with the file's name when it can't be read.
  BackupManifest read(uint64_t id) const;
  // Those that can be read, ascending; `bad` gets a sentence for each other one.
  std::vector<BackupManifest> read_all(std::vector<std::string>* bad = nullptr) const;
  // The number of the next backup: above all that are there and were.
  uint64_t next_id() const;
  // The backup counts from now on.
  void add(const BackupManifest& manifest);

  std::filesystem::path path_of(const Content& content) const;
  // Whether a whole file is there; its bytes are not looked at.
  bool holds(const Content& content) const;
  // Brings a file here, unless it is here; synced.
  struct Stored {
    Content content;
    bool copied = false;  // it was not here
  };
  Stored store(const std::filesystem::path& file, const Watch& watch);
  // Reads it again, from the disk as far as that is possible. Throws BadBackup when it is not there or not
  // what it should be.
  void check(const Content& content, const Watch& watch) const;

  struct Pruned {
    std::vector<uint64_t> backups;  // that go
    uint64_t files = 0, bytes = 0;  // contents that no backup names any more
  };
  // All but the newest `keep` go, and contents that nobody names. A backup that can't be read stays, and then
  // all contents do. Throws std::invalid_argument for keep 0.
  Pruned prune(uint64_t keep, bool dry_run);

 private:
  std::filesystem::path manifest_path(uint64_t id) const;

  const std::filesystem::path folder_;
  std::set<uint64_t> sizes_;  // of the contents that are there
  int lock_ = -1;
};

}  // namespace lode::admin
