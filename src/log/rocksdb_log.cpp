#include "log/rocksdb_log.h"

#include <rocksdb/write_batch.h>

#include <atomic>
#include <mutex>
#include <shared_mutex>

#include "log/entry_key.h"
#include "log/rocksdb_files.h"
#include "log/rocksdb_open.h"
#include "record/batch.h"

namespace lode::log {
namespace {

[[noreturn]] void read_failed(const rocksdb::Status& status) {
  if (status.IsCorruption()) throw record::Corruption("log: damaged on disk: " + status.ToString());
  throw std::runtime_error("log: read failed: " + status.ToString());
}

[[noreturn]] void missing(record::EntryIndex index) {
  throw record::Corruption("log: entry " + std::to_string(index.value) + " is missing or damaged");
}

StoredEntry stored(record::EntryIndex index, std::string_view header, std::string payload) {
  const auto parts = parse_entry_header(header);
  if (!parts) missing(index);
  return {index, parts->term, parts->type, std::move(payload)};
}

void put_entries(rocksdb::WriteBatch& batch, const Database& database, record::GroupId group,
                 std::span<const Entry> entries) {
  for (const Entry& entry : entries) {
    const EntryKey key = entry_key(group, entry.index.value);
    const EntryHeader header = entry_header(entry.term, entry.type);
    batch.Put(database.log, slice(view(key)), slice(entry.payload));
    batch.Put(database.hdr, slice(view(key)), slice({header.data(), header.size()}));
  }
}

}  // namespace

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

RocksDbLog::RocksDbLog(const RocksDbLogOptions& options) : impl_(std::make_unique<Impl>(options)) {}
RocksDbLog::~RocksDbLog() = default;

void RocksDbLog::append(record::GroupId group, std::span<const Entry> entries) {
  if (entries.empty()) return;
  Impl& log = *impl_;
  const Extent extent = log.extent(group);
  require_dense(extent, entries);

  size_t bytes = 64;
  for (const Entry& entry : entries) bytes += entry.payload.size() + 64;
  rocksdb::WriteBatch batch(bytes);
  std::unique_lock truncation(log.truncation_mutex, std::defer_lock);
  const uint64_t start = entries.front().index.value;
  if (start <= extent.last) {
    require_behind_archive(log.archive(group), {start});
    truncation.lock();
    log.remove(batch, group, start, extent.last + 1);
  }
  log.count(batch, group, entries, start <= extent.last);
  put_entries(batch, log.database, group, entries);
  log.write(batch);
  log.publish_last(group, entries.back().index.value);
}

std::optional<StoredEntry> RocksDbLog::read(record::GroupId group, record::EntryIndex index) const {
  const Impl& log = *impl_;
  std::shared_lock truncation(log.truncation_mutex);
  if (!log.extent(group).contains(index)) return std::nullopt;
  const Archive archive = log.archive(group);
  if (const ArchivedChunk* chunk = archive.find(index.value)) {
    auto entries = log.cache.find(group, chunk->last);
    if (!entries) {
      std::string bytes;
      const rocksdb::Status status =
          log.database.db->Get({}, log.database.arc, slice(view(entry_key(group, chunk->last))), &bytes);
      if (status.IsNotFound()) missing(index);
      if (!status.ok()) read_failed(status);
      entries = log.decode(bytes);
      log.cache.keep(group, chunk->last, entries);
    }
    const uint64_t place = index.value - entries->front().index.value;
    if (place >= entries->size()) missing(index);
    return (*entries)[place];
  }
  const EntryKey key = entry_key(group, index.value);
  std::string header, payload;
  for (auto [family, to] : {std::pair{log.database.hdr, &header}, std::pair{log.database.log, &payload}}) {
    const rocksdb::Status status = log.database.db->Get({}, family, slice(view(key)), to);
    if (status.IsNotFound()) missing(index);
    if (!status.ok()) read_failed(status);
  }
  return stored(index, header, std::move(payload));
}

void RocksDbLog::scan(record::GroupId group, record::EntryIndex from,
                      const std::function<bool(const StoredEntry&)>& visit) const {
  impl_->walk(group, from, {impl_->database.hdr, impl_->database.log}, visit,
              [&](record::EntryIndex index, const std::vector<rocksdb::Iterator*>& at) {
                return visit(stored(index, view(at[0]->value()), at[1]->value().ToString()));
              });
}

void RocksDbLog::scan_headers(record::GroupId group, record::EntryIndex from,
                              const std::function<bool(const EntryHead&)>& visit) const {
  const auto archived = [&](const StoredEntry& entry) {
    return visit({entry.index, entry.term, entry.type});
  };
  impl_->walk(group, from, {impl_->database.hdr}, archived,
              [&](record::EntryIndex index, const std::vector<rocksdb::Iterator*>& at) {
                const auto parts = parse_entry_header(view(at[0]->value()));
                if (!parts) missing(index);
                return visit({index, parts->term, parts->type});
              });
}

record::EntryIndex RocksDbLog::first_index(record::GroupId group) const {
  return {impl_->extent(group).first};
}
record::EntryIndex RocksDbLog::last_index(record::GroupId group) const { return {impl_->extent(group).last}; }

void RocksDbLog::truncate_prefix(record::GroupId group, record::EntryIndex first_kept) {
  Impl& log = *impl_;
  std::lock_guard prefix(log.prefix_mutex);
  const Extent extent = log.extent(group);
  const Extent left = without_prefix(extent, first_kept);
  if (left.first == extent.first) return;
  rocksdb::WriteBatch batch;
  batch.Put(log.database.meta, first_index_key(group), fixed64(left.first));
  log.remove(batch, group, extent.first, left.first);
  {
    std::unique_lock lock(log.extents_mutex);
    const uint64_t counts = log.sizes[group].drop_prefix(left.first);
    batch.DeleteRange(log.database.meta, size_key(group, 0), size_key(group, counts));
  }
  Archive archive = log.archive(group);
  log.remove_chunks(batch, group, archive.drop_prefix(left.first));
  {
    std::unique_lock truncation(log.truncation_mutex);
    log.write(batch);
    log.publish_first(group, left.first);
    log.publish_archive(group, std::move(archive));
  }
  give_back(log.database, group, extent.first, left.first);
}

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

void RocksDbLog::reclaim(record::GroupId group) {
  give_back(impl_->database, group, 0, impl_->archive(group).last() + 1);
}

void RocksDbLog::truncate_suffix(record::GroupId group, record::EntryIndex from) {
  Impl& log = *impl_;
  const Extent extent = log.extent(group);
  const Extent left = without_suffix(extent, from);
  if (left.last == extent.last) return;
  require_behind_archive(log.archive(group), from);
  rocksdb::WriteBatch batch;
  log.remove(batch, group, from.value, extent.last + 1);
  {
    std::unique_lock lock(log.extents_mutex);
    log.uncount(batch, group, log.sizes[group], from.value);
  }
  std::unique_lock truncation(log.truncation_mutex);
  log.write(batch);
  log.publish_last(group, left.last);
}

void RocksDbLog::put_meta(std::string_view key, std::string_view value) {
  rocksdb::WriteBatch batch;
  batch.Put(impl_->database.meta, user_key(key), slice(value));
  impl_->write(batch);
}

std::optional<std::string> RocksDbLog::get_meta(std::string_view key) const { return impl_->get_meta(key); }

uint64_t RocksDbLog::payload_bytes(record::GroupId group) const {
  std::shared_lock lock(impl_->extents_mutex);
  const auto found = impl_->sizes.find(group);
  if (found == impl_->sizes.end()) return 0;
  const auto extent = impl_->extents.find(group);
  const uint64_t first = extent == impl_->extents.end() ? 1 : extent->second.first;
  const auto archive = impl_->archives.find(group);
  if (archive == impl_->archives.end()) return found->second.bytes_from(first);
  const uint64_t behind = std::max(first, archive->second.last() + 1);
  return archive->second.bytes_from(first) + found->second.bytes_from(behind);
}

record::EntryIndex RocksDbLog::last_beyond(record::GroupId group, uint64_t kept_bytes) const {
  std::shared_lock lock(impl_->extents_mutex);
  const auto found = impl_->sizes.find(group);
  if (found == impl_->sizes.end()) return {};
  const auto archive = impl_->archives.find(group);
  return {last_beyond_of(archive == impl_->archives.end() ? Archive{} : archive->second, found->second,
                         kept_bytes)};
}

void RocksDbLog::mend(record::GroupId group, std::span<const Entry> entries) {
  Impl& log = *impl_;
  require_present(log.extent(group), entries);
  if (!entries.empty()) require_behind_archive(log.archive(group), entries.front().index);
  rocksdb::WriteBatch batch;
  put_entries(batch, log.database, group, entries);
  log.write(batch);
}

void RocksDbLog::copy_to(const std::filesystem::path& folder) const {
  if (std::filesystem::exists(folder)) throw std::runtime_error(folder.string() + " is there already");
  flush_files(impl_->database);
  const std::unique_lock copying(impl_->copy_mutex);
  copy_files(impl_->database, folder);
}

void RocksDbLog::check_files() const {
  if (const auto status = log::check_files(impl_->database); !status.ok()) read_failed(status);
}

uint64_t RocksDbLog::disk_bytes() const { return bytes_of_files(impl_->database); }

}  // namespace lode::log
