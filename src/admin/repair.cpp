#include "admin/repair.h"

#include "admin/backup.h"
#include "admin/verify_log.h"
#include "log/chunk.h"
#include "record/batch.h"
#include "record/control.h"
#include "snapshot/file.h"

namespace lode::admin {

namespace {

namespace fs = std::filesystem;

bool never_changes(const fs::path& name) { return name.extension() == ".sst" || name.extension() == ".blob"; }

// The header lies in another place than the payload, and may be whole.
std::optional<log::EntryHead> head_of(const log::Log& log, record::EntryIndex index) {
  std::optional<log::EntryHead> head;
  try {
    log.scan_headers(kOnlyGroup, index, [&](const log::EntryHead& found) {
      head = found;
      return false;
    });
  } catch (const std::runtime_error&) {  // damaged, too
  }
  return head;
}

void require_readable(const log::StoredEntry& entry) {
  if (entry.type == log::EntryType::batch) record::RecordBatch::decode(entry.payload);
  if (entry.type == log::EntryType::control) record::Control::decode(entry.payload);
}

std::optional<log::ArchivedChunk> chunk_of(const log::Log& log, record::EntryIndex index) {
  for (const log::ArchivedChunk& chunk : log.chunks(kOnlyGroup))
    if (chunk.first <= index.value && index.value <= chunk.last) return chunk;
  return std::nullopt;
}

// Of entries that `source` has, all of them. Why that can't be; "" when it is done.
std::string mend_chunk(log::Log& log, const log::ArchivedChunk& chunk, const EntrySource& source,
                       const Watch& watch) {
  constexpr int kLevel = 19;
  log::ChunkWriter writer(nullptr, 0, kLevel);
  const uint64_t first = std::max(chunk.first, log.first_index(kOnlyGroup).value);
  try {
    for (uint64_t i = first; i <= chunk.last; ++i) {
      watch.check();
      watch.tell("fetching a chunk's entries", i - first, chunk.last + 1 - first, "entries");
      const auto entry = source({i});
      if (!entry || entry->index.value != i) return "nobody who was asked has entry " + std::to_string(i);
      const log::EntryHead head{entry->index, entry->term, entry->type};
      require_readable(*entry);
      if (entry->type != log::EntryType::batch) {
        writer.add(head, entry->payload);
        continue;
      }
      const auto batch = record::RecordBatch::decode(entry->payload);
      std::vector<record::RecordView> records;
      for (uint32_t r = 0; r < batch.count(); ++r) records.push_back(batch[r]);
      writer.add(head, batch, records);
    }
  } catch (const record::Corruption& error) {
    return std::string("the other copy is damaged, too: ") + error.what();
  }
  log.archive(kOnlyGroup, writer.encode());
  return "";
}

}  // namespace

EntryRepair repair_entries(log::RocksDbLog& log, const EntrySource& source, const Watch& watch) {
  const record::EntryIndex first = log.first_index(kOnlyGroup), last = log.last_index(kOnlyGroup);
  EntryRepair out;
  std::vector<std::pair<record::EntryIndex, std::string>> damaged;
  read_entries(
      log, first,
      [&](const log::StoredEntry& entry, uint32_t) {
        watch.check();
        watch.tell("reading the log", entry.index.value - first.value, last.value + 1 - first.value,
                   "entries");
      },
      [&](record::EntryIndex entry, const std::string& what) { damaged.emplace_back(entry, what); });
  uint64_t mended_chunk = 0;
  for (const auto& [index, what] : damaged) {
    watch.check();
    watch.tell("fetching entries", out.mended.size() + out.left.size(), damaged.size(), "entries");
    if (const auto chunk = chunk_of(log, index)) {
      if (chunk->last == mended_chunk) {
        out.mended.push_back(index.value);
        continue;
      }
      const std::string why = mend_chunk(log, *chunk, source, watch);
      if (why.empty()) {
        mended_chunk = chunk->last;
        out.mended.push_back(index.value);
        out.chunks = true;
      } else {
        out.left.push_back({index.value, what + "; it lies in a chunk of compacted entries, and " + why});
      }
      continue;
    }
    try {
      const auto fetched = source(index);
      if (!fetched) {
        out.left.push_back({index.value, what + "; nobody who was asked has this entry"});
        continue;
      }
      require_readable(*fetched);
      const auto head = head_of(log, index);
      if (fetched->index != index || (head && (head->term != fetched->term || head->type != fetched->type))) {
        out.left.push_back({index.value, what + "; what was found in its place is another entry"});
        continue;
      }
      const log::Entry entry{index, fetched->term, fetched->type, fetched->payload};
      log.mend(kOnlyGroup, {&entry, 1});
      out.mended.push_back(index.value);
    } catch (const record::Corruption& error) {
      out.left.push_back({index.value, what + "; the other copy is damaged, too: " + error.what()});
    }
  }
  return out;
}

BackupEntries::BackupEntries(const BackupFolder& from, const BackupManifest& manifest, fs::path scratch,
                             uint64_t secret)
    : scratch_(std::move(scratch)) {
  if (manifest.secret_hash != secret)
    throw std::runtime_error(from.path().string() + " has backups of another shop's records");
  fs::remove_all(scratch_);
  fs::create_directories(scratch_);
  for (const BackupFile* file : manifest.files_of("log")) {
    const fs::path name = fs::path(file->name).filename(), held = fs::absolute(from.path_of(file->content));
    if (!from.holds(file->content)) throw BadBackup(held.string() + " is missing");
    if (never_changes(name))
      fs::create_symlink(held, scratch_ / name);
    else
      fs::copy_file(held, scratch_ / name);
  }
  log_ = std::make_unique<log::RocksDbLog>(log::RocksDbLogOptions{.path = scratch_.string()});
}

BackupEntries::~BackupEntries() {
  log_.reset();
  std::error_code ignored;
  fs::remove_all(scratch_, ignored);
}

std::optional<log::StoredEntry> BackupEntries::read(record::EntryIndex index) const {
  return log_->read(kOnlyGroup, index);
}

std::vector<std::string> repair_files(const fs::path& log_folder, const BackupFolder& from,
                                      const BackupManifest& manifest, const Watch& watch) {
  std::vector<std::string> replaced;
  if (manifest.log_identity.empty() || manifest.log_identity != log_identity(log_folder)) return replaced;
  const auto files = manifest.files_of("log");
  size_t done = 0;
  for (const BackupFile* file : files) {
    watch.tell("comparing files with the backup", done++, files.size(), "files");
    const fs::path name = fs::path(file->name).filename(), path = log_folder / name;
    // One that is gone was merged with others since, unless the log says that it lacks it; a copy too many
    // does no harm.
    if (!never_changes(name)) continue;
    if (fs::exists(path) && fs::file_size(path) == file->content.size &&
        read_content(path, watch) == file->content)
      continue;
    from.check(file->content, watch);
    const fs::path part = path.string() + ".part";
    fs::remove(part);
    fs::copy_file(from.path_of(file->content), part);
    snapshot::File::open(part).sync();
    fs::rename(part, path);
    replaced.push_back(name);
  }
  snapshot::sync_folder(log_folder);
  return replaced;
}

}  // namespace lode::admin
