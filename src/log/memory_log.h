// The log in memory: for tests, the simulator and embedded use without a disk. Promises what Log promises but
// for stable storage: everything goes with the object.
#pragma once

#include <deque>
#include <map>
#include <shared_mutex>

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
  void put_meta(std::string_view key, std::string_view value) override;
  std::optional<std::string> get_meta(std::string_view key) const override;
  uint64_t payload_bytes(record::GroupId group) const override;
  record::EntryIndex last_beyond(record::GroupId group, uint64_t kept_bytes) const override;
  uint64_t disk_bytes() const override { return 0; }

 private:
  struct Group {
    uint64_t first = 1;
    std::deque<StoredEntry> entries;
    SizeMarks sizes;
    uint64_t last() const { return first + entries.size() - 1; }
  };
  mutable std::shared_mutex mutex_;
  std::map<record::GroupId, Group> groups_;
  std::map<std::string, std::string, std::less<>> meta_;
};

}  // namespace lode::log
