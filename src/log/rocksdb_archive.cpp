// RocksDbLog's entries that change their place: into chunks, out of them again, or from another copy.
#include "log/rocksdb_files.h"
#include "log/rocksdb_log.h"
#include "log/rocksdb_log_impl.h"

namespace lode::log {

void RocksDbLog::archive(record::GroupId group, std::string_view chunk) {
  Impl& log = *impl_;
  const ChunkHead head = read_chunk_head(chunk);
  std::lock_guard prefix(log.prefix_mutex);
  Archive archive = log.archive(group);
  rocksdb::WriteBatch batch;
  log.remove_chunks(batch, group, archive.replaced_by(head, log.extent(group)));
  const uint64_t first = head.first.value, last = head.last().value;
  archive.add({first, last, chunk.size()});
  log.remove(batch, group, first, last + 1);
  const EntryKey key = entry_key(group, last);
  batch.Put(log.database.arc, slice(view(key)), slice(chunk));
  batch.Put(log.database.meta, chunk_key(group, last), fixed64(first) + fixed64(chunk.size()));
  batch.Put(log.database.meta, format_key(), fixed32(kLogFormatVersion));
  {
    std::unique_lock lock(log.extents_mutex);
    const uint64_t counts = log.sizes[group].drop_prefix(archive.last() + 1);
    batch.DeleteRange(log.database.meta, size_key(group, 0), size_key(group, counts));
  }
  std::unique_lock truncation(log.truncation_mutex);
  log.write(batch);
  log.publish_archive(group, std::move(archive));
}

record::EntryIndex RocksDbLog::last_archived(record::GroupId group) const {
  return {impl_->archive(group).last()};
}

std::vector<ArchivedChunk> RocksDbLog::chunks(record::GroupId group) const {
  return impl_->archive(group).chunks();
}

void RocksDbLog::reclaim(record::GroupId group) {
  give_back(impl_->database, group, 0, impl_->archive(group).last() + 1);
}

void RocksDbLog::cut(record::GroupId group, record::EntryIndex from) {
  Impl& log = *impl_;
  Archive archive = log.archive(group);
  if (from.value > archive.last()) return truncate_suffix(group, from);
  const Extent extent = log.extent(group);
  if (from.value < extent.first) throw std::logic_error("log: a cut below its first entry");
  const std::vector<ArchivedChunk> gone = archive.drop_suffix(from.value);
  std::vector<StoredEntry> kept;
  scan(group, {std::max(gone.front().first, extent.first)}, [&](const StoredEntry& entry) {
    if (entry.index >= from) return false;
    kept.push_back(entry);
    return true;
  });
  std::vector<Entry> entries;
  for (const StoredEntry& entry : kept)
    entries.push_back({entry.index, entry.term, entry.type, entry.payload});
  rocksdb::WriteBatch batch;
  log.remove_chunks(batch, group, gone);
  log.remove(batch, group, gone.front().first, extent.last + 1);
  {
    std::unique_lock lock(log.extents_mutex);
    log.uncount(batch, group, log.sizes[group], from.value);
  }
  log.count(batch, group, entries, false);
  put_entries(batch, log.database, group, entries);
  std::unique_lock truncation(log.truncation_mutex);
  log.write(batch);
  log.publish_last(group, from.value - 1);
  log.publish_archive(group, std::move(archive));
}

void RocksDbLog::mend(record::GroupId group, std::span<const Entry> entries) {
  Impl& log = *impl_;
  require_present(log.extent(group), entries);
  if (!entries.empty()) require_behind_archive(log.archive(group), entries.front().index);
  rocksdb::WriteBatch batch;
  put_entries(batch, log.database, group, entries);
  log.write(batch);
}

}  // namespace lode::log
