// The log on disk: a RocksDB of its own. Keys and column families: FORMAT.md.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "log/log.h"

namespace rocksdb {
class Env;
}

namespace lode::log {

// Written by the first chunk; a log without any is of version 1.
inline constexpr uint32_t kLogFormatVersion = 2;
inline constexpr uint32_t kFirstLogFormatVersion = 1;

// The folder can't be served from: in use by another process, written by a newer program, damaged, not
// writable.
class OpenFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct RocksDbLogOptions {
  std::string path;             // made when it is not there; its parent must be
  rocksdb::Env* env = nullptr;  // outlives the log; nullptr: the operating system
  uint64_t write_buffer_bytes = 64ull
                                << 20;  // entries kept in memory before a flush; bounds the recovery too
};

// Threads and errors as Log; besides, reads throw record::Corruption when what is on the disk is damaged or
// an entry is missing, and std::runtime_error when the disk can't be read. After one WriteFailed every write
// is refused.
class RocksDbLog final : public Log {
 public:
  // Throws OpenFailed.
  explicit RocksDbLog(const RocksDbLogOptions& options);
  ~RocksDbLog() override;

  void append(record::GroupId group, std::span<const Entry> entries) override;
  std::optional<StoredEntry> read(record::GroupId group, record::EntryIndex index) const override;
  void scan(record::GroupId group, record::EntryIndex from,
            const std::function<bool(const StoredEntry&)>& visit) const override;
  void scan_headers(record::GroupId group, record::EntryIndex from,
                    const std::function<bool(const EntryHead&)>& visit) const override;
  record::EntryIndex first_index(record::GroupId group) const override;
  record::EntryIndex last_index(record::GroupId group) const override;
  void truncate_prefix(record::GroupId group, record::EntryIndex first_kept) override;
  void truncate_suffix(record::GroupId group, record::EntryIndex from) override;
  void archive(record::GroupId group, std::string_view chunk) override;
  record::EntryIndex last_archived(record::GroupId group) const override;
  std::vector<ArchivedChunk> chunks(record::GroupId group) const override;
  void reclaim(record::GroupId group) override;
  void put_meta(std::string_view key, std::string_view value) override;
  std::optional<std::string> get_meta(std::string_view key) const override;
  uint64_t payload_bytes(record::GroupId group) const override;
  record::EntryIndex last_beyond(record::GroupId group, uint64_t kept_bytes) const override;
  uint64_t disk_bytes() const override;

  // Puts entries in the place of those that are there: what was read of another copy of this log, where this
  // one is damaged. Nothing else moves; synced. Throws std::logic_error, and takes nothing, when an index is
  // not there, or is in a chunk.
  void mend(record::GroupId group, std::span<const Entry> entries);
  // The entries from `from` on go, those in chunks, too; what is before them in the same chunk lies alone
  // again. One step, synced. Nobody else is at the log.
  void cut(record::GroupId group, record::EntryIndex from);
  // A second log in `folder` that is as this one is at a moment of the call, entries and facts: hard links to
  // its files of entries, and a copy of the little rest. Any thread, beside everything else; appends wait for
  // some milliseconds. Not synced. `folder` must not exist; its parent must, on the same file system. Throws
  // std::runtime_error, then nothing is left of it.
  void copy_to(const std::filesystem::path& folder) const;
  // Reads every file of keys and compares its checksums; payloads are checked by reading them. Throws
  // record::Corruption with the file's name.
  void check_files() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::log
