// The log in memory: for tests, the simulator and embedded use without a disk. Promises what Log promises but
// for stable storage: everything goes with the object.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <shared_mutex>

#include "log/archive.h"
#include "log/log.h"
#include "log/size_marks.h"

namespace lode::log {

// Threads: as Log. `visit` of scan() runs without a lock held, so it may call the log.
class MemoryLog final : public Log {
 public:
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
  void reclaim(record::GroupId) override {}
  void put_meta(std::string_view key, std::string_view value) override;
  std::optional<std::string> get_meta(std::string_view key) const override;
  uint64_t payload_bytes(record::GroupId group) const override;
  record::EntryIndex last_beyond(record::GroupId group, uint64_t kept_bytes) const override;
  uint64_t disk_bytes() const override { return 0; }

 private:
  struct Group {
    uint64_t first = 1;
    Archive archive;
    std::map<uint64_t, std::string> chunks;  // by their last entry
    std::deque<StoredEntry> entries;         // behind them
    SizeMarks sizes;
    uint64_t behind() const { return std::max(first, archive.last() + 1); }
    uint64_t last() const { return behind() + entries.size() - 1; }
  };
  mutable ChunkCache cache_;
  mutable std::shared_mutex mutex_;
  std::map<record::GroupId, Group> groups_;
  std::map<std::string, std::string, std::less<>> meta_;
};

}  // namespace lode::log
