#include "admin/backup_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "env/newer_format.h"
#include "snapshot/file.h"

namespace lode::admin {

namespace {

namespace fs = std::filesystem;
using snapshot::File;

constexpr std::string_view kMark = "lode-backups";
constexpr std::string_view kMarkText = "lode-backups 1\n";
constexpr uint64_t kFormat = 1;
constexpr std::string_view kExtension = ".backup";
constexpr size_t kPieceBytes = size_t{1} << 20;

std::string read_text(const fs::path& path) {
  const File file = File::open(path);
  std::string text(fs::file_size(path), '\0');
  text.resize(file.read(0, text.data(), text.size()));
  return text;
}

// Under a name of its own first: it is whole when it is there.
void write_whole(const fs::path& path, std::string_view text) {
  const fs::path part = path.string() + ".part";
  {
    File file = File::create(part);
    file.write(0, text);
    file.sync();
  }
  fs::rename(part, path);
  snapshot::sync_folder(path.parent_path());
}

// What is read next comes from the disk.
void forget_cached(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::close(fd);
}

// Each piece of a file in turn.
template <typename Visit>
Content read_pieces(const File& file, const Watch& watch, const Visit& visit) {
  snapshot::ContentHasher hasher;
  std::string piece(kPieceBytes, '\0');
  uint64_t offset = 0;
  while (const size_t size = file.read(offset, piece.data(), piece.size())) {
    watch.check();
    const std::string_view bytes(piece.data(), size);
    hasher.add(bytes);
    visit(offset, bytes);
    offset += size;
  }
  return {offset, hasher.hash()};
}

int lock_of(const fs::path& folder) {
  const int fd = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), (folder / "lock").string());
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  ::close(fd);
  throw std::runtime_error(folder.string() + ": somebody else is at work in this folder of backups");
}

}  // namespace

Content read_content(const fs::path& file, const Watch& watch) {
  return read_pieces(File::open(file), watch, [](uint64_t, std::string_view) {});
}

BackupFolder::BackupFolder(fs::path folder, Open open) : folder_(std::move(folder)) {
  const bool marked = fs::exists(folder_ / kMark);
  if (!marked) {
    if (open == Open::to_read) throw BadBackup(folder_.string() + " is no folder of backups");
    if (fs::exists(folder_) && !fs::is_empty(folder_))
      throw BadBackup(folder_.string() + " is not empty, and no folder of backups: name another one");
    if (fs::create_directories(folder_)) fs::permissions(folder_, fs::perms::owner_all);
    write_whole(folder_ / kMark, kMarkText);
  } else if (const std::string mark = read_text(folder_ / kMark); mark != kMarkText) {
    const uint64_t format = env::format_behind(kMark, mark);
    if (format > kFormat) throw BadBackup(env::newer_format(folder_.string(), format, kFormat));
    throw BadBackup("the mark of " + folder_.string() + " is damaged: " + std::string(kMark) +
                    " is to say '" + std::string(kMarkText.substr(0, kMarkText.size() - 1)) + "'");
  }
  if (open == Open::to_read) return;
  lock_ = lock_of(folder_);
  fs::create_directory(folder_ / "files");
  for (const auto& entry : fs::directory_iterator(folder_ / "files")) sizes_.insert(entry.file_size());
}

BackupFolder::~BackupFolder() {
  if (lock_ >= 0) ::close(lock_);
}

fs::path BackupFolder::manifest_path(uint64_t id) const {
  std::string digits = std::to_string(id);
  return folder_ /
         (std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits + std::string(kExtension));
}

std::vector<uint64_t> BackupFolder::ids() const {
  std::vector<uint64_t> found;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const fs::path file = entry.path().filename();
    const std::string stem = file.stem();
    uint64_t id = 0;
    const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), id);
    if (file.extension() == kExtension && error == std::errc() && end == stem.data() + stem.size())
      found.push_back(id);
  }
  std::sort(found.begin(), found.end());
  return found;
}

BackupManifest BackupFolder::read(uint64_t id) const {
  const fs::path path = manifest_path(id);
  if (!fs::exists(path))
    throw BadBackup("there is no backup " + std::to_string(id) + " in " + folder_.string());
  try {
    BackupManifest manifest = BackupManifest::decode(read_text(path));
    if (manifest.id != id) throw BadBackup("it is another backup's");
    return manifest;
  } catch (const BadBackup& bad) {
    throw BadBackup(path.string() + " can't be used: " + bad.what());
  }
}

std::vector<BackupManifest> BackupFolder::read_all(std::vector<std::string>* bad) const {
  std::vector<BackupManifest> found;
  for (const uint64_t id : ids()) {
    try {
      found.push_back(read(id));
    } catch (const BadBackup& error) {
      if (bad) bad->push_back(error.what());
    }
  }
  return found;
}

uint64_t BackupFolder::next_id() const {
  const auto there = ids();
  return there.empty() ? 1 : there.back() + 1;
}

void BackupFolder::add(const BackupManifest& manifest) {
  snapshot::sync_folder(folder_ / "files");
  write_whole(manifest_path(manifest.id), manifest.encode());
}

fs::path BackupFolder::path_of(const Content& content) const { return folder_ / "files" / content.name(); }

bool BackupFolder::holds(const Content& content) const {
  std::error_code missing;
  return fs::file_size(path_of(content), missing) == content.size && !missing;
}

BackupFolder::Stored BackupFolder::store(const fs::path& file, const Watch& watch) {
  Stored stored;
  // One that a killed backup has brought here already.
  if (sizes_.contains(fs::file_size(file))) {
    stored.content = read_content(file, watch);
    if (holds(stored.content)) return stored;
  }
  // Its name is known only when it was read.
  const fs::path part = folder_ / "files" / "part";
  {
    const File from = File::open(file);
    File to = File::create(part);
    stored.content =
        read_pieces(from, watch, [&](uint64_t offset, std::string_view piece) { to.write(offset, piece); });
    to.sync();
  }
  fs::rename(part, path_of(stored.content));
  sizes_.insert(stored.content.size);
  stored.copied = true;
  return stored;
}

void BackupFolder::check(const Content& content, const Watch& watch) const {
  const fs::path path = path_of(content);
  if (!fs::exists(path)) throw BadBackup(path.string() + " is missing");
  forget_cached(path);
  if (read_content(path, watch) != content)
    throw BadBackup(path.string() + " is damaged: its bytes are not those that were written");
}

BackupFolder::Pruned BackupFolder::prune(uint64_t keep, bool dry_run) {
  if (keep == 0) throw std::invalid_argument("at least one backup must be kept");
  std::vector<std::string> bad;
  const auto all = read_all(&bad);
  Pruned out;
  const size_t gone = all.size() > keep ? all.size() - keep : 0;
  std::set<std::string> named;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i < gone) {
      out.backups.push_back(all[i].id);
    } else {
      for (const BackupFile& file : all[i].files) named.insert(file.content.name());
    }
  }
  // The manifests first: what is left of a killed one is contents that nobody names.
  if (!dry_run) {
    for (const uint64_t id : out.backups) fs::remove(manifest_path(id));
    snapshot::sync_folder(folder_);
  }
  if (!bad.empty()) return out;
  for (const auto& entry : fs::directory_iterator(folder_ / "files")) {
    if (named.contains(entry.path().filename())) continue;
    out.files += 1;
    out.bytes += entry.file_size();
    if (!dry_run) fs::remove(entry.path());
  }
  return out;
}

}  // namespace lode::admin
