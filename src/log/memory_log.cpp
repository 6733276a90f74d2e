#include "log/memory_log.h"

#include <algorithm>
#include <mutex>

#include "log/extent.h"

namespace lode::log {

void MemoryLog::append(record::GroupId group, std::span<const Entry> entries) {
  std::unique_lock lock(mutex_);
  Group& to = groups_[group];
  require_dense({to.first, to.last()}, entries);
  if (entries.empty()) return;
  if (entries.front().index.value <= to.last()) {
    require_behind_archive(to.archive, entries.front().index);
    to.entries.resize(entries.front().index.value - to.behind());
    to.sizes.drop_suffix(entries.front().index.value);
  }
  for (const Entry& entry : entries) {
    to.sizes.add(entry.index.value, entry.payload.size());
    to.entries.push_back({entry.index, entry.term, entry.type, std::string(entry.payload)});
  }
}

std::optional<StoredEntry> MemoryLog::read(record::GroupId group, record::EntryIndex index) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end()) return std::nullopt;
  const Group& from = found->second;
  if (!Extent{from.first, from.last()}.contains(index)) return std::nullopt;
  const ArchivedChunk* chunk = from.archive.find(index.value);
  if (!chunk) return from.entries[index.value - from.behind()];
  auto entries = cache_.find(group, chunk->last);
  if (!entries) {
    entries =
        cache_.decode(from.chunks.at(chunk->last), [&](std::string_view name) -> std::optional<std::string> {
          const auto fact = meta_.find(name);
          if (fact == meta_.end()) return std::nullopt;
          return fact->second;
        });
    cache_.keep(group, chunk->last, entries);
  }
  return (*entries)[index.value - entries->front().index.value];
}

void MemoryLog::scan(record::GroupId group, record::EntryIndex from,
                     const std::function<bool(const StoredEntry&)>& visit) const {
  const uint64_t last = last_index(group).value;
  for (uint64_t i = std::max(from, first_index(group)).value; i <= last; ++i) {
    const auto entry = read(group, {i});
    if (!entry || !visit(*entry)) return;
  }
}

void MemoryLog::scan_headers(record::GroupId group, record::EntryIndex from,
                             const std::function<bool(const EntryHead&)>& visit) const {
  scan(group, from, [&](const StoredEntry& entry) { return visit({entry.index, entry.term, entry.type}); });
}

record::EntryIndex MemoryLog::first_index(record::GroupId group) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(group);
  return {found == groups_.end() ? 1 : found->second.first};
}

record::EntryIndex MemoryLog::last_index(record::GroupId group) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(group);
  return {found == groups_.end() ? 0 : found->second.last()};
}

void MemoryLog::truncate_prefix(record::GroupId group, record::EntryIndex first_kept) {
  std::unique_lock lock(mutex_);
  Group& from = groups_[group];
  const Extent left = without_prefix({from.first, from.last()}, first_kept);
  const uint64_t behind = from.behind();
  for (const ArchivedChunk& chunk : from.archive.drop_prefix(left.first)) from.chunks.erase(chunk.last);
  const uint64_t dropped = std::min<uint64_t>(std::max(left.first, behind) - behind, from.entries.size());
  from.entries.erase(from.entries.begin(), from.entries.begin() + static_cast<ptrdiff_t>(dropped));
  from.first = left.first;
  from.sizes.drop_prefix(left.first);
}

void MemoryLog::truncate_suffix(record::GroupId group, record::EntryIndex from) {
  std::unique_lock lock(mutex_);
  Group& of = groups_[group];
  const Extent left = without_suffix({of.first, of.last()}, from);
  if (left.last == of.last()) return;
  require_behind_archive(of.archive, from);
  of.entries.resize(left.last + 1 - of.behind());
  of.sizes.drop_suffix(from.value);
}

void MemoryLog::archive(record::GroupId group, std::string_view chunk) {
  const ChunkHead head = read_chunk_head(chunk);
  std::unique_lock lock(mutex_);
  Group& of = groups_[group];
  for (const ArchivedChunk& gone : of.archive.replaced_by(head, {of.first, of.last()}))
    of.chunks.erase(gone.last);
  const uint64_t behind = of.behind(), last = head.last().value;
  of.archive.add({head.first.value, last, chunk.size()});
  of.chunks[last] = chunk;
  if (last >= behind)
    of.entries.erase(of.entries.begin(), of.entries.begin() + static_cast<ptrdiff_t>(last + 1 - behind));
  of.sizes.drop_prefix(of.archive.last() + 1);
  cache_.forget();
}

record::EntryIndex MemoryLog::last_archived(record::GroupId group) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(group);
  return {found == groups_.end() ? 0 : found->second.archive.last()};
}

std::vector<ArchivedChunk> MemoryLog::chunks(record::GroupId group) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(group);
  return found == groups_.end() ? std::vector<ArchivedChunk>{} : found->second.archive.chunks();
}

void MemoryLog::put_meta(std::string_view key, std::string_view value) {
  std::unique_lock lock(mutex_);
  meta_.insert_or_assign(std::string(key), std::string(value));
}

std::optional<std::string> MemoryLog::get_meta(std::string_view key) const {
  std::shared_lock lock(mutex_);
  const auto found = meta_.find(key);
  if (found == meta_.end()) return std::nullopt;
  return found->second;
}

uint64_t MemoryLog::payload_bytes(record::GroupId group) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end()) return 0;
  const Group& of = found->second;
  return of.archive.bytes_from(of.first) + of.sizes.bytes_from(of.behind());
}

record::EntryIndex MemoryLog::last_beyond(record::GroupId group, uint64_t kept_bytes) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end()) return {};
  return {last_beyond_of(found->second.archive, found->second.sizes, kept_bytes)};
}

}  // namespace lode::log
