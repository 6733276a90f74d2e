// What RocksDbLog is made of. Seen by rocksdb_log.cpp and rocksdb_archive.cpp alone.
#pragma once

#include <rocksdb/write_batch.h>

#include <atomic>
#include <mutex>
#include <shared_mutex>

#include "log/entry_key.h"
#include "log/rocksdb_open.h"
#include "record/batch.h"

namespace lode::log {

[[noreturn]] inline void read_failed(const rocksdb::Status& status) {
  if (status.IsCorruption()) throw record::Corruption("log: damaged on disk: " + status.ToString());
  throw std::runtime_error("log: read failed: " + status.ToString());
}

[[noreturn]] inline void missing(record::EntryIndex index) {
  throw record::Corruption("log: entry " + std::to_string(index.value) + " is missing or damaged");
}

inline StoredEntry stored(record::EntryIndex index, std::string_view header, std::string payload) {
  const auto parts = parse_entry_header(header);
  if (!parts) missing(index);
  return {index, parts->term, parts->type, std::move(payload)};
}

inline void put_entries(rocksdb::WriteBatch& batch, const Database& database, record::GroupId group,
                        std::span<const Entry> entries) {
  for (const Entry& entry : entries) {
    const EntryKey key = entry_key(group, entry.index.value);
    const EntryHeader header = entry_header(entry.term, entry.type);
    batch.Put(database.log, slice(view(key)), slice(entry.payload));
    batch.Put(database.hdr, slice(view(key)), slice({header.data(), header.size()}));
  }
}

struct RocksDbLog::Impl {
  explicit Impl(const RocksDbLogOptions& options)
      : database(open_database(options)),
        archives(read_archives(database)),
        extents(read_extents(database, archives)),
        sizes(read_sizes(database, extents, archives)) {
    sync.sync = true;
  }

  Extent extent(record::GroupId group) const {
    std::shared_lock lock(extents_mutex);
    const auto found = extents.find(group);
    return found == extents.end() ? Extent{} : found->second;
  }
  Archive archive(record::GroupId group) const {
    std::shared_lock lock(extents_mutex);
    const auto found = archives.find(group);
    return found == archives.end() ? Archive{} : found->second;
  }
  // Each keeps what a call on another thread changes: a prefix may go while entries come.
  void publish_last(record::GroupId group, uint64_t last) {
    std::unique_lock lock(extents_mutex);
    extents[group].last = last;
  }
  void publish_first(record::GroupId group, uint64_t first) {
    std::unique_lock lock(extents_mutex);
    Extent& extent = extents[group];
    extent = without_prefix(extent, {first});
  }

  // Counts the entries that `batch` adds, and takes back those from `start` on that it replaces.
  void count(rocksdb::WriteBatch& batch, record::GroupId group, std::span<const Entry> entries,
             bool replaces) {
    std::unique_lock lock(extents_mutex);
    SizeMarks& of = sizes[group];
    if (replaces) uncount(batch, group, of, entries.front().index.value);
    for (const Entry& entry : entries) {
      if (const auto mark = of.add(entry.index.value, entry.payload.size()))
        batch.Put(database.meta, size_key(group, mark->index), fixed64(mark->bytes));
    }
  }
  void uncount(rocksdb::WriteBatch& batch, record::GroupId group, SizeMarks& of, uint64_t from) {
    if (of.last_marked() >= from)
      batch.DeleteRange(database.meta, size_key(group, from), size_key(group, UINT64_MAX));
    of.drop_suffix(from);
  }

  void write(rocksdb::WriteBatch& batch) {
    std::shared_lock copying(copy_mutex);
    if (failed) throw WriteFailed("log: an earlier write failed; the process must end");
    const rocksdb::Status status = database.db->Write(sync, &batch);
    if (status.ok()) return;
    failed = true;
    throw WriteFailed("log: write failed: " + status.ToString());
  }

  void publish_archive(record::GroupId group, Archive archive) {
    std::unique_lock lock(extents_mutex);
    archives[group] = std::move(archive);
    cache.forget();
  }
  void remove_chunks(rocksdb::WriteBatch& batch, record::GroupId group,
                     const std::vector<ArchivedChunk>& gone) {
    for (const ArchivedChunk& chunk : gone) {
      batch.Delete(database.arc, slice(view(entry_key(group, chunk.last))));
      batch.Delete(database.meta, chunk_key(group, chunk.last));
    }
  }

  // Entries [from, to) go; both families, one batch.
  void remove(rocksdb::WriteBatch& batch, record::GroupId group, uint64_t from, uint64_t to) {
    const EntryKey begin = entry_key(group, from);
    const EntryKey end = entry_key(group, to);
    for (auto* family : {database.log, database.hdr}) {
      batch.DeleteRange(family, slice(view(begin)), slice(view(end)));
    }
  }

  ChunkCache::Entries decode(std::string_view chunk) const {
    return cache.decode(chunk, [this](std::string_view name) { return get_meta(name); });
  }

  // Entries from `from` on, as they are now: those of chunks, then an iterator a family, all at the entry
  // visited.
  template <typename VisitArchived, typename Visit>
  void walk(record::GroupId group, record::EntryIndex from,
            std::vector<rocksdb::ColumnFamilyHandle*> families, const VisitArchived& visit_archived,
            const Visit& visit) const {
    std::shared_lock truncation(truncation_mutex);
    const Extent extent = this->extent(group);
    const uint64_t archived = archive(group).last();
    families.push_back(database.arc);
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.readahead_size = 1 << 20;
    std::vector<rocksdb::Iterator*> at;
    const rocksdb::Status status = database.db->NewIterators(options, families, &at);
    if (!status.ok()) read_failed(status);
    truncation.unlock();  // the iterators go on seeing what was there
    const std::vector<std::unique_ptr<rocksdb::Iterator>> owned(at.begin(), at.end());
    rocksdb::Iterator* chunks = at.back();
    at.pop_back();

    uint64_t i = std::max(from.value, extent.first);
    if (i <= archived) chunks->Seek(slice(view(entry_key(group, i))));
    for (; i <= archived; chunks->Next()) {
      if (!chunks->status().ok()) read_failed(chunks->status());
      const auto key = chunks->Valid() ? parse_entry_key(view(chunks->key())) : std::nullopt;
      if (!key || key->group != group) missing({i});
      const auto entries = decode(view(chunks->value()));
      if (entries->back().index != key->index) missing({i});
      for (const StoredEntry& entry : *entries) {
        if (entry.index.value != i) continue;
        if (!visit_archived(entry)) return;
        ++i;
      }
    }
    for (rocksdb::Iterator* it : at) it->Seek(slice(view(entry_key(group, i))));
    for (; i <= extent.last; ++i) {
      const EntryKey key = entry_key(group, i);
      for (rocksdb::Iterator* it : at) {
        if (!it->status().ok()) read_failed(it->status());
        if (!it->Valid() || view(it->key()) != view(key)) missing({i});
      }
      if (!visit(record::EntryIndex{i}, at)) return;
      for (rocksdb::Iterator* it : at) it->Next();
    }
  }

  std::optional<std::string> get_meta(std::string_view key) const {
    std::string value;
    const rocksdb::Status status = database.db->Get({}, database.meta, user_key(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) read_failed(status);
    return value;
  }
  Database database;
  rocksdb::WriteOptions sync;
  std::atomic<bool> failed = false;
  mutable std::shared_mutex extents_mutex;      // held briefly, never while the disk is waited for
  std::map<record::GroupId, Archive> archives;  // these, too
  std::map<record::GroupId, Extent> extents;
  std::map<record::GroupId, SizeMarks> sizes;  // likewise
  std::mutex prefix_mutex;  // who takes entries away from the front, or puts them into chunks
  // Readers share it; a truncation excludes them, so that none meets an entry which is going.
  mutable std::shared_mutex truncation_mutex;
  mutable ChunkCache cache;
  mutable std::shared_mutex copy_mutex;  // writers share it; a copy excludes them
};

}  // namespace lode::log
