#include "admin/backup.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <tuple>

#include "log/rocksdb_log.h"
#include "snapshot/file.h"
#include "snapshot/manifest.h"

namespace lode::admin {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t kSpareBytes = 16 << 20;
constexpr record::GroupId kGroup{0};

using Known = std::map<std::tuple<std::string, uint64_t, SourceFile>, Content>;

struct Found {
  BackupFile file;
  fs::path path;
};

SourceFile source_of(const fs::path& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0)
    throw std::system_error(errno, std::generic_category(), path.string());
  return {about.st_dev, about.st_ino, about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec};
}

std::vector<Found> files_of(const DataCopy& copy) {
  std::vector<Found> found;
  for (const std::string folder : {"log", "state"}) {
    for (const auto& entry : fs::directory_iterator(copy.folder() / folder)) {
      if (!entry.is_regular_file()) continue;
      BackupFile file;
      file.name = folder + "/" + entry.path().filename().string();
      file.content.size = entry.file_size();
      file.source = source_of(entry.path());
      found.push_back({std::move(file), entry.path()});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return a.file.name < b.file.name; });
  return found;
}

std::tuple<std::string, uint64_t, SourceFile> key_of(const BackupFile& file) {
  return {file.name, file.content.size, file.source};
}

Known known_in(const std::vector<BackupManifest>& backups) {
  Known known;
  for (const BackupManifest& backup : backups)
    for (const BackupFile& file : backup.files) known[key_of(file)] = file.content;
  return known;
}

void require_same_log(const std::vector<BackupManifest>& backups, uint64_t secret, const fs::path& folder) {
  for (const BackupManifest& backup : backups)
    if (backup.secret_hash != secret)
      throw BadBackup(folder.string() + " has backups of another shop's records: name another folder");
}

// Its files are one log, from where the state stands on.
void check_log(const DataCopy& copy, BackupManifest& manifest) {
  const log::RocksDbLog log({.path = copy.log_folder().string()});
  manifest.first_entry = log.first_index(kGroup).value;
  manifest.last_entry = log.last_index(kGroup).value;
  if (manifest.first_entry > manifest.state.entry_index + 1 ||
      manifest.last_entry < manifest.applied.entry_index)
    throw std::runtime_error("the copy of the log does not fit to that of the state");
}

}  // namespace

uint64_t secret_hash(const log::Log& log) {
  const auto secret = log.get_meta("secret");
  return secret ? snapshot::piece_checksum(*secret) : 0;
}

std::string log_identity(const fs::path& log_folder) {
  std::ifstream in(log_folder / "IDENTITY");
  std::string text;
  in >> text;
  return text;
}

BackupReport create_backup(const LiveData& data, const BackupNode& node, BackupFolder& to,
                           const env::Clock& clock, const Watch& watch) {
  watch.tell("taking hold of the files", 0, 0);
  const auto before = to.read_all();
  BackupManifest manifest;
  manifest.secret_hash = secret_hash(data.log);
  require_same_log(before, manifest.secret_hash, to.path());
  const Known known = known_in(before);
  const DataCopy copy(data, "backup.tmp", watch);
  manifest.id = to.next_id();
  manifest.made_micros = clock.now_micros();
  manifest.node = node.node;
  manifest.cluster = node.cluster;
  manifest.log_identity = log_identity(data.data_dir / "log");
  manifest.log_format = log::kLogFormatVersion;
  manifest.state_format = snapshot::kStateFormat;
  manifest.applied = copy.applied();
  manifest.state = copy.state();
  manifest.folder = copy.state_number();

  auto found = files_of(copy);
  std::vector<Found*> unknown;
  uint64_t total = 0, done = 0;
  for (Found& one : found) {
    const auto same = known.find(key_of(one.file));
    if (same != known.end() && to.holds(same->second)) {
      one.file.content = same->second;
    } else {
      unknown.push_back(&one);
      total += one.file.content.size;
    }
  }
  if (const uint64_t room = snapshot::free_bytes(to.path()); room < total + kSpareBytes)
    throw std::runtime_error(to.path().string() + " has " + std::to_string(room >> 20) +
                             " MiB free, and up to " + std::to_string((total + kSpareBytes) >> 20) +
                             " are needed");

  BackupReport report;
  std::vector<Content> written;
  for (Found* one : unknown) {
    watch.tell("copying", done, total);
    const BackupFolder::Stored stored = to.store(one->path, watch);
    one->file.content = stored.content;
    if (stored.copied) {
      written.push_back(stored.content);
      report.new_files += 1;
      report.new_bytes += stored.content.size;
    }
    done += stored.content.size;
  }
  watch.tell("copying", done, total);
  check_log(copy, manifest);
  uint64_t checked = 0;
  for (const Content& content : written) {
    watch.tell("verifying", checked, report.new_bytes);
    to.check(content, watch);
    checked += content.size;
  }
  for (Found& one : found) {
    if (!to.holds(one.file.content))
      throw BadBackup(to.path_of(one.file.content).string() + " is gone: somebody else changes the folder");
    manifest.files.push_back(std::move(one.file));
  }
  watch.tell("verifying", checked, report.new_bytes);
  to.add(manifest);
  report.id = manifest.id;
  report.last_offset = static_cast<int64_t>(manifest.applied.next_offset) - 1;
  report.files = manifest.files.size();
  report.bytes = manifest.bytes();
  return report;
}

void check_backup(const BackupFolder& folder, const BackupManifest& manifest, const Watch& watch) {
  const uint64_t total = manifest.bytes();
  uint64_t done = 0;
  for (const BackupFile& file : manifest.files) {
    watch.tell("reading", done, total);
    try {
      folder.check(file.content, watch);
    } catch (const BadBackup& bad) {
      throw BadBackup("backup " + std::to_string(manifest.id) + " can't be restored, its file " + file.name +
                      " is damaged: " + bad.what());
    }
    done += file.content.size;
  }
  watch.tell("reading", done, total);
}

}  // namespace lode::admin
