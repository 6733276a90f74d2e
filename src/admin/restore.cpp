#include "admin/restore.h"

#include <algorithm>
#include <set>

#include "admin/data_copy.h"
#include "env/newer_format.h"
#include "materialize/bystanders.h"
#include "materialize/log_gap.h"
#include "snapshot/file.h"
#include "snapshot/manifest.h"
#include "store/bytes.h"

namespace lode::admin {

namespace {

namespace fs = std::filesystem;

constexpr size_t kPieceBytes = size_t{1} << 20;

// What is in the data folder goes at the end.
void require_apart(const fs::path& backups, const fs::path& data_dir) {
  if (is_inside(backups, data_dir))
    throw std::runtime_error("the backups lie in " + data_dir.string() +
                             ", whose files go when it is restored into: name another folder");
}

// The data folder, and the one within where all is put together.
class Place {
 public:
  Place(fs::path data_dir, bool force, const fs::path& backups) : data_dir_(std::move(data_dir)) {
    require_apart(backups, data_dir_);
    const bool begun = fs::exists(work());
    if (!begun && !force && fs::exists(data_dir_) && !fs::is_empty(data_dir_))
      throw std::runtime_error(data_dir_.string() +
                               " is not empty: name another folder, or say --force, and what is "
                               "there is gone");
    if (is_served(data_dir_))
      throw std::runtime_error("a loded serves " + data_dir_.string() + ": stop it first");
    if (fs::create_directories(data_dir_)) fs::permissions(data_dir_, fs::perms::owner_all);
    fs::create_directory(work());
    snapshot::sync_folder(data_dir_);
  }

  fs::path work() const { return data_dir_ / kRestoring; }
  fs::path log() const { return work() / "log"; }
  fs::path state() const { return work() / "state"; }

  // What was put together is the data folder now.
  void settle(uint64_t state_folder) const {
    for (const auto& entry : fs::directory_iterator(data_dir_))
      if (entry.path() != work()) fs::remove_all(entry.path());
    if (fs::exists(state())) fs::rename(state(), state_path(data_dir_, state_folder));
    fs::rename(log(), data_dir_ / "log");
    snapshot::sync_folder(data_dir_);
    fs::remove_all(work());
    snapshot::sync_folder(data_dir_);
  }

 private:
  const fs::path data_dir_;
};

void copy_checked(const fs::path& from, const fs::path& to, const BackupFile& file, const Watch& watch) {
  if (!fs::exists(from)) throw BadBackup(from.string() + " is missing: the backup can't be restored");
  const auto source = snapshot::File::open(from);
  auto target = snapshot::File::create(to);
  snapshot::ContentHasher hasher;
  std::string piece(kPieceBytes, '\0');
  uint64_t offset = 0;
  while (const size_t size = source.read(offset, piece.data(), piece.size())) {
    watch.check();
    hasher.add({piece.data(), size});
    target.write(offset, {piece.data(), size});
    offset += size;
  }
  if (Content{offset, hasher.hash()} != file.content)
    throw BadBackup(from.string() + " is damaged: the backup can't be restored, its file " + file.name +
                    " is not what was written");
  target.sync();
}

// Only the state that serves is in a backup.
void forget_bystanders(log::Log& log, uint64_t serving) {
  materialize::Bystanders bystanders(log, serving);
  for (const materialize::Bystander& one : bystanders.all()) bystanders.remove(one.folder);
}

class Restore {
 public:
  Restore(const BackupFolder& from, const RestoreRequest& request, const Watch& watch)
      : from_(from), request_(request), watch_(watch), place_(request.data_dir, request.force, from.path()) {}

  RestoreReport run();

 private:
  BackupManifest choose() const;
  void bring(const std::vector<const BackupFile*>& files, const fs::path& to);
  void replace_state(const StoppedData& data, const BackupManifest& chosen, const Cut& cut);
  bool use_other(const StoppedData& data, const BackupManifest& chosen, const Cut& cut);
  Cut cut_off(StoppedData& data, const BackupManifest& chosen);
  void finish(const StoppedData& data);

  const BackupFolder& from_;
  const RestoreRequest& request_;
  const Watch& watch_;
  const Place place_;
  RestoreReport report_;
};

BackupManifest Restore::choose() const {
  if (request_.backup) return from_.read(*request_.backup);
  const auto ids = from_.ids();
  if (ids.empty()) throw BadBackup(from_.path().string() + " holds no backup");
  return from_.read(ids.back());
}

// What is there already stays; what does not belong there goes.
void Restore::bring(const std::vector<const BackupFile*>& files, const fs::path& to) {
  fs::create_directory(to);
  std::set<std::string> wanted;
  uint64_t total = 0, done = 0;
  for (const BackupFile* file : files) {
    wanted.insert(fs::path(file->name).filename());
    total += file->content.size;
  }
  for (const auto& entry : fs::directory_iterator(to))
    if (!wanted.contains(entry.path().filename())) fs::remove_all(entry.path());
  for (const BackupFile* file : files) {
    watch_.tell("copying", done, total);
    const fs::path path = to / fs::path(file->name).filename();
    const bool there = fs::exists(path) && fs::file_size(path) == file->content.size &&
                       read_content(path, watch_) == file->content;
    if (!there) {
      copy_checked(from_.path_of(file->content), path, *file, watch_);
      report_.bytes += file->content.size;
    }
    done += file->content.size;
  }
  watch_.tell("copying", done, total);
  snapshot::sync_folder(to);
}

// The newest one of the same log that holds nothing of what goes.
bool Restore::use_other(const StoppedData& data, const BackupManifest& chosen, const Cut& cut) {
  const uint64_t ruleset = data.controls().active.hash;
  const BackupManifest* best = nullptr;
  const auto all = from_.read_all();
  for (const BackupManifest& other : all) {
    const bool fits = other.log_identity == chosen.log_identity &&
                      other.state_format == chosen.state_format && other.state.ruleset_hash == ruleset &&
                      other.state.entry_index <= cut.whole().value &&
                      other.state.entry_index + 1 >= data.log().first_index(kOnlyGroup).value;
    if (fits && other.state.entry_index > 0 && (!best || other.state.entry_index > best->state.entry_index))
      best = &other;
  }
  if (!best) return false;
  bring(best->files_of("state"), place_.state());
  report_.state_from = "backup " + std::to_string(best->id);
  return true;
}

void Restore::replace_state(const StoppedData& data, const BackupManifest& chosen, const Cut& cut) {
  if (use_other(data, chosen, cut)) return;
  materialize::require_replayable(data.log(), kOnlyGroup, {0}, "no backup here has a state of that point");
  fs::remove_all(place_.state());
  report_.state_from = "the log";
}

Cut Restore::cut_off(StoppedData& data, const BackupManifest& chosen) {
  Cut cut{data.last(), std::nullopt};
  uint64_t made_of = 0;
  if (request_.point.offset || request_.point.micros) {
    const auto generation = data.open_state(place_.state());
    cut = find_cut(data, *generation, request_.point, watch_);
    made_of = generation->state().checkpoint().entry_index;
    generation->state().give_up();
  }
  if (made_of > cut.whole().value) replace_state(data, chosen, cut);
  cut_log(data, cut);
  return cut;
}

void Restore::finish(const StoppedData& data) {
  const auto generation = data.open_state(place_.state());
  const record::EntryIndex end = data.last();
  data.apply(*generation, end, [&](record::EntryIndex at) {
    watch_.check();
    watch_.tell("applying the log", at.value, end.value, "entries");
    return true;
  });
  const auto hash = generation->materializer().state_hash();
  report_.last_offset = hash.offset;
  report_.last_micros = generation->materializer().position().record_micros;
  report_.last_entry = end.value;
  report_.state_hash = hash.digests.all().hex();
}

RestoreReport Restore::run() {
  const BackupManifest chosen = choose();
  if (chosen.log_format > log::kLogFormatVersion)
    throw BadBackup(env::newer_format("the log in backup " + std::to_string(chosen.id), chosen.log_format,
                                      log::kLogFormatVersion));
  report_.backup = chosen.id;
  report_.state_from = "backup " + std::to_string(chosen.id);
  bring(chosen.files_of("log"), place_.log());
  const bool has_state = chosen.state_format == snapshot::kStateFormat;
  if (has_state) {
    bring(chosen.files_of("state"), place_.state());
  } else {
    fs::remove_all(place_.state());
    report_.state_from = "the log";
  }
  {
    StoppedData data(place_.log());
    if (data.controls().active.folder != chosen.folder)
      throw BadBackup("the ruleset and the state are of two moments");
    cut_off(data, chosen);
    forget_bystanders(data.log(), chosen.folder);
    if (request_.settle) request_.settle(data.log());
    finish(data);
  }
  place_.settle(chosen.folder);
  return report_;
}

}  // namespace

RestoreReport restore(const BackupFolder& from, const RestoreRequest& request, const Watch& watch) {
  return Restore(from, request, watch).run();
}

}  // namespace lode::admin
