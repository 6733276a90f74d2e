#include "admin/backup_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "event/json_text.h"
#include "event/time.h"

namespace lode::admin {

namespace {

std::string all_in_quotes(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ",") + event::in_quotes(text);
  return "[" + out + "]";
}

std::string time_of(int64_t micros) {
  return micros == 0 ? "null" : event::in_quotes(event::format_rfc3339({micros}));
}

std::string members_of(const BackupFolder::Pruned& pruned) {
  return fmt::format(R"("pruned":[{}],"freed_files":{},"freed_bytes":{})", fmt::join(pruned.backups, ","),
                     pruned.files, pruned.bytes);
}

std::string json_of(const BackupManifest& backup) {
  return fmt::format(
      R"({{"id":{},"made_at":{},"node":{},"cluster":{},"last_offset":{},"last_record_at":{},"first_entry":{},)"
      R"("last_entry":{},"state_offset":{},"ruleset":"{:016x}","files":{},"bytes":{}}})",
      backup.id, time_of(backup.made_micros), backup.node,
      backup.cluster.empty() ? "null" : event::in_quotes(backup.cluster),
      static_cast<int64_t>(backup.applied.next_offset) - 1, time_of(backup.applied.record_micros),
      backup.first_entry, backup.last_entry, static_cast<int64_t>(backup.state.next_offset) - 1,
      backup.state.ruleset_hash, backup.files.size(), backup.bytes());
}

}  // namespace

std::string json_of(const BackupReport& report, const BackupFolder::Pruned& pruned) {
  return fmt::format(
      R"({{"backup":{},"last_offset":{},"files":{},"bytes":{},"new_files":{},"new_bytes":{},{}}})", report.id,
      report.last_offset, report.files, report.bytes, report.new_files, report.new_bytes, members_of(pruned));
}

std::string json_of(const BackupFolder::Pruned& pruned, bool dry_run) {
  return fmt::format(R"({{"dry_run":{},{}}})", dry_run, members_of(pruned));
}

std::string json_of(const RestoreReport& report) {
  return fmt::format(R"({{"backup":{},"last_offset":{},"last_record_at":{},"last_entry":{},"bytes":{},)"
                     R"("state_from":{},"state_hash":"{}"}})",
                     report.backup, report.last_offset, time_of(report.last_micros), report.last_entry,
                     report.bytes, event::in_quotes(report.state_from), report.state_hash);
}

std::string json_of(const EntryRepair& repair, std::string_view state) {
  std::string left;
  for (const EntryRepair::Left& one : repair.left)
    left += fmt::format(R"({}{{"entry":{},"why":{}}})", left.empty() ? "" : ",", one.entry,
                        event::in_quotes(one.why));
  return fmt::format(R"({{"mended":[{}],"left":[{}],"state":{}}})", fmt::join(repair.mended, ","), left,
                     event::in_quotes(state));
}

std::string list_backups(const BackupFolder& folder) {
  std::vector<std::string> bad;
  std::string backups;
  for (const BackupManifest& backup : folder.read_all(&bad))
    backups += (backups.empty() ? "" : ",") + json_of(backup);
  return fmt::format(R"({{"backups":[{}],"damaged":{}}})", backups, all_in_quotes(bad));
}

std::string verify_backups(const BackupFolder& folder, uint64_t id, const Watch& watch) {
  std::vector<std::string> bad;
  std::vector<uint64_t> good;
  for (const uint64_t one : id == 0 ? folder.ids() : std::vector{id}) {
    try {
      check_backup(folder, folder.read(one), watch);
      good.push_back(one);
    } catch (const BadBackup& error) {
      bad.emplace_back(error.what());
    }
  }
  return fmt::format(R"({{"verified":[{}],"damaged":{}}})", fmt::join(good, ","), all_in_quotes(bad));
}

}  // namespace lode::admin
