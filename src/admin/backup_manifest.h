// What one backup consists of: the files of a log and a state of one moment, by their content, and what is
// known of them without reading any. Bytes: FORMAT.md. Plain values; any thread.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/content_hash.h"
#include "store/checkpoint.h"

namespace lode::admin {

// A backup that can't be used: damaged, not whole, of a newer program, not one of Lode.
class BadBackup : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What a file's content is known by.
struct Content {
  uint64_t size = 0;
  snapshot::ContentHash hash;
  std::string name() const;  // of the file that holds it in a backup folder
  friend auto operator<=>(const Content&, const Content&) = default;
};

// A file of the data folder at the moment of the backup. Two backups of the same have the same content: what
// is known already is not read again.
struct SourceFile {
  uint64_t device = 0, inode = 0;
  int64_t changed_nanos = 0;  // its modification
  friend auto operator<=>(const SourceFile&, const SourceFile&) = default;
};

struct BackupFile {
  std::string name;  // "log/000012.blob", "state/000034.sst"
  Content content;
  SourceFile source;
  friend bool operator==(const BackupFile&, const BackupFile&) = default;
};

struct BackupManifest {
  uint64_t id = 0;  // from 1, ascending in a backup folder, never again
  int64_t made_micros = 0;
  uint64_t node = 0;
  std::string cluster;       // its id; "" of a node that is of none
  uint64_t secret_hash = 0;  // of the secret that keys the id hashes: whose records these are
  std::string log_identity;  // of the log's files; another one where they were written anew
  uint32_t log_format = 0, state_format = 0;
  uint64_t first_entry = 0, last_entry = 0;  // of the log
  // Of the log: entries up to there, records below it, and the receive time of the last of them. The log may
  // hold some more, which were on their way.
  store::Checkpoint applied;
  store::Checkpoint state;        // of the state's files
  uint64_t folder = 0;            // number of the state's folder
  std::vector<BackupFile> files;  // ascending by name

  uint64_t bytes() const;
  // Files of one folder, "log" or "state".
  std::vector<const BackupFile*> files_of(std::string_view folder) const;
  friend bool operator==(const BackupManifest&, const BackupManifest&) = default;

  std::string encode() const;
  static BackupManifest decode(std::string_view bytes);  // throws BadBackup
};

}  // namespace lode::admin
