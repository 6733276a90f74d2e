#include "log/rocksdb_log.h"

#include "log/rocksdb_files.h"
#include "log/rocksdb_log_impl.h"

namespace lode::log {

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
