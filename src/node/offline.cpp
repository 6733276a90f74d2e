#include "node/offline.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "admin/backup_json.h"
#include "admin/data_copy.h"
#include "admin/verify.h"
#include "cluster/identity.h"
#include "cluster/log_entries.h"
#include "env/clock.h"
#include "event/time.h"
#include "materialize/compactions.h"
#include "node/cluster_config.h"
#include "raft/recovery.h"
#include "store/bytes.h"

namespace lode::node {

namespace {

namespace fs = std::filesystem;
using admin::BackupFolder;
using admin::BackupManifest;

volatile std::sig_atomic_t interrupted = 0;

// On one line of a terminal, which is wiped at the end.
class Screen {
 public:
  Screen() {
    std::signal(SIGINT, [](int) { interrupted = 1; });
    std::signal(SIGTERM, [](int) { interrupted = 1; });
  }
  ~Screen() {
    if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  admin::Watch watch() {
    return {.progress = [this](std::string_view stage, uint64_t done, uint64_t total,
                               std::string_view) { show(stage, total > 0 ? 100 * done / total : 0); },
            .cancelled = [] { return interrupted != 0; }};
  }

 private:
  void show(std::string_view stage, uint64_t percent) {
    if (!terminal_ || (percent == percent_ && stage == stage_)) return;
    percent_ = percent;
    stage_ = stage;
    shown_ = true;
    std::cerr << "\r\x1b[K" << stage << (percent > 0 ? fmt::format(" {} %", percent) : "") << std::flush;
  }

  const bool terminal_ = isatty(STDERR_FILENO) == 1;
  bool shown_ = false;
  uint64_t percent_ = 0;
  std::string stage_;
};

// What was restored is a group of this node alone, of another cluster than the one it was of: it may have
// promised that one more than it holds now.
void make_own(log::Log& log, const Config& config) {
  const std::string address =
      config.cluster_advertise.empty() ? config.cluster_listen : config.cluster_advertise;
  raft::begin_anew(log, {0}, {{config.cluster_id}, address, raft::Role::voter});
  cluster::Identity identity(log);
  if (identity.cluster().none()) return;
  identity.set_founding({});
  identity.begin_anew(raft::NodeId{config.cluster_id});
}

std::string megabytes(uint64_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

// What a restore would do: which backup, what is in it, and what would go.
int say_restore(const Config& config, const OfflineRequest& request, const BackupFolder& from) {
  const auto ids = from.ids();
  if (ids.empty() && !request.backup) throw std::runtime_error(request.backups + " holds no backup");
  const BackupManifest chosen = from.read(request.backup ? *request.backup : ids.back());
  const fs::path folder = config.data_dir;
  const bool empty = !fs::exists(folder) || fs::is_empty(folder);
  if (request.json) {
    std::cout << fmt::format(
                     R"({{"dry_run":true,"backup":{},"records":{},"bytes":{},"empty":{},"refused":{}}})",
                     chosen.id, chosen.applied.next_offset, chosen.bytes(), empty, !empty && !request.force)
              << "\n";
    return 0;
  }
  std::cout << fmt::format("would: restore backup {} with {} records, {}, into {}{}\n", chosen.id,
                           chosen.applied.next_offset, megabytes(chosen.bytes()), config.data_dir,
                           empty           ? ""
                           : request.force ? "; what is there goes"
                                           : "; it is not empty, which takes --force");
  return 0;
}

int restore(const Config& config, const OfflineRequest& request) {
  admin::RestoreRequest wanted;
  wanted.data_dir = config.data_dir;
  wanted.backup = request.backup;
  wanted.point.offset = request.to_offset;
  wanted.force = request.force;
  if (!request.to_time.empty()) {
    if (request.to_offset) throw InvalidConfig("--to-offset and --to-time: one of them");
    event::Micros time;
    if (!event::parse_rfc3339(request.to_time, time))
      throw InvalidConfig("--to-time " + request.to_time + ": write it as 2011-12-09T12:50:00Z");
    wanted.point.micros = time.value;
  }
  wanted.settle = [&](log::Log& log) { make_own(log, config); };
  const BackupFolder from(request.backups, BackupFolder::Open::to_read);
  if (request.dry_run) return say_restore(config, request, from);
  admin::RestoreReport report;
  {
    Screen screen;
    report = admin::restore(from, wanted, screen.watch());
  }
  if (request.json) {
    std::cout << admin::json_of(report) << "\n";
    return 0;
  }
  std::cout << "restored backup " << report.backup << " into " << config.data_dir << ": ";
  if (report.last_offset < 0)
    std::cout << "no record";
  else
    std::cout << "records up to offset " << report.last_offset << ", the last one of "
              << event::format_rfc3339({report.last_micros});
  std::cout << "; " << megabytes(report.bytes) << " copied, silver and gold from " << report.state_from
            << ", state hash " << report.state_hash << "\nIt is node " << config.cluster_id
            << " of a group of its own: start it with loded --data-dir " << config.data_dir << "\n";
  return 0;
}

void print(const admin::VerifyReport& report) {
  std::cout << report.files << " files of " << megabytes(report.bytes) << ", " << report.entries
            << " log entries with " << report.records << " records";
  if (report.rows > 0) std::cout << ", " << report.rows << " rows compared with a recompute from the log";
  std::cout << "\n";
  for (const std::string& one : report.not_looked) std::cout << "not looked at: " << one << "\n";
  for (const admin::Damage& damage : report.damage) {
    std::cout << "damaged: " << damage.part;
    if (damage.entry) std::cout << ", log entry " << *damage.entry;
    if (damage.offset) std::cout << ", offset " << *damage.offset;
    if (!damage.key.empty()) std::cout << ", " << damage.key;
    std::cout << ": " << damage.what << "\n";
  }
  if (report.is_whole())
    std::cout << "whole\n";
  else
    std::cout << admin::advice_of(report.damage.front()) << "\n";
}

admin::VerifyReport look(const Config& config, bool deep) {
  Screen screen;
  const admin::DataCopy copy(config.data_dir, "verify.tmp");
  return admin::verify(copy, deep, screen.watch());
}

int verify(const Config& config, const OfflineRequest& request) {
  const admin::VerifyReport report = look(config, request.deep);
  if (request.json)
    std::cout << admin::json_of(report) << "\n";
  else
    print(report);
  return report.is_whole() ? 0 : 1;
}

class Repair {
 public:
  Repair(const Config& config, const OfflineRequest& request)
      : config_(config), request_(request), data_dir_(config.data_dir), log_(data_dir_ / "log") {
    if (admin::is_served(data_dir_))
      throw std::runtime_error("a loded serves " + config.data_dir + ": ask it, or stop it");
  }

  int run() {
    Screen screen;
    const admin::Watch watch = screen.watch();
    if (!request_.backups.empty()) {
      from_.emplace(request_.backups, BackupFolder::Open::to_read);
      const auto ids = from_->ids();
      if (ids.empty()) throw admin::BadBackup(request_.backups + " holds no backup");
      manifest_ = from_->read(request_.backup.value_or(ids.back()));
      for (const std::string& name : admin::repair_files(log_, *from_, manifest_, watch))
        said_.push_back("log/" + name + " came from the backup");
    }
    const admin::EntryRepair entries = repair_entries(watch);
    for (const uint64_t entry : entries.mended)
      said_.push_back("log entry " + std::to_string(entry) + " came from another copy");
    for (const auto& left : entries.left)
      said_.push_back("log entry " + std::to_string(left.entry) + " is left: " + left.why);
    std::string state = "whole";
    if (entries.left.empty()) state = repair_state(watch);
    if (request_.json) {
      std::cout << admin::json_of(entries, state) << "\n";
    } else {
      for (const std::string& one : said_) std::cout << one << "\n";
      std::cout << "silver and gold: " << state << "\n";
    }
    return entries.left.empty() ? 0 : 1;
  }

 private:
  admin::EntryRepair repair_entries(const admin::Watch& watch) {
    admin::StoppedData data(log_);
    std::unique_ptr<admin::BackupEntries> backup;
    std::unique_ptr<cluster::Outsider> outsider;
    const env::SystemClock clock;
    auto source = [&](record::EntryIndex index) -> std::optional<log::StoredEntry> {
      if (from_ && !backup)
        backup = std::make_unique<admin::BackupEntries>(*from_, manifest_, data_dir_ / "repair.tmp",
                                                        admin::secret_hash(data.log()));
      if (backup) return backup->read(index);
      if (!is_clustered(config_)) return std::nullopt;
      if (!outsider)
        outsider = std::make_unique<cluster::Outsider>(cluster_settings(config_), data.log(), clock);
      return outsider->fetch(index);
    };
    admin::EntryRepair repaired = admin::repair_entries(data.log(), source, watch);
    if (repaired.chunks) materialize::Compactions(data.log()).reopen();
    return repaired;
  }

  // The log is whole.
  std::string repair_state(const admin::Watch& watch) {
    std::string damage = request_.rebuild ? "asked for" : "";
    if (damage.empty()) {
      const admin::DataCopy copy(data_dir_, "verify.tmp");
      for (const admin::Damage& one : admin::verify(copy, request_.deep, watch).damage)
        if (one.cure == admin::Damage::Cure::rebuild) damage = one.part + ": " + one.what;
    }
    if (damage.empty()) return "whole";
    admin::StoppedData data(log_);
    const fs::path state = admin::state_path(data_dir_, data.controls().active.folder);
    const bool from_log = data.log().first_index(admin::kOnlyGroup).value == 1;
    if (!from_log && cluster::Identity(data.log()).members().size() < 2)
      throw std::runtime_error("the state is damaged (" + damage +
                               "), and the log's beginning is gone: restore a backup");
    fs::remove_all(state);
    if (!from_log) return "removed (" + damage + "): the next start fetches them from another node";
    const auto generation = data.open_state(state);
    const record::EntryIndex end = data.last();
    data.apply(*generation, end, [&](record::EntryIndex at) {
      watch.check();
      watch.tell("making silver and gold anew", at.value, end.value, "entries");
      return true;
    });
    return "made anew from the log (" + damage + ")";
  }

  const Config& config_;
  const OfflineRequest& request_;
  const fs::path data_dir_, log_;
  std::optional<BackupFolder> from_;
  BackupManifest manifest_;
  std::vector<std::string> said_;
};

}  // namespace

int run_offline(const Config& config, const OfflineRequest& request) {
  switch (request.what) {
    case OfflineRequest::What::restore:
      return restore(config, request);
    case OfflineRequest::What::verify:
      return verify(config, request);
    case OfflineRequest::What::repair:
      return Repair(config, request).run();
  }
  return 2;
}

}  // namespace lode::node
