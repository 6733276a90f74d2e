#include <filesystem>

#include "admin/backup.h"
#include "admin/backup_json.h"
#include "admin/repair.h"
#include "admin/task_parameters.h"
#include "admin/verify.h"
#include "node/admin_backup.h"
#include "store/bytes.h"

namespace lode::node {

namespace {

std::string verify(const AdminParts& parts, std::string_view parameters, admin::TaskControl& control) {
  const admin::Watch watch = watch_of(control);
  try {
    const admin::DataCopy copy(live_data(parts), "verify.tmp", watch);
    return admin::json_of(admin::verify(copy, admin::flag_in(parameters, "deep"), watch));
  } catch (const store::Damaged& error) {  // known already: it is not even copied
    admin::VerifyReport report;
    report.damage.push_back(
        {"state", std::nullopt, std::nullopt, "", error.what(), admin::Damage::Cure::rebuild});
    report.not_looked.emplace_back("the log: once silver and gold are made anew it is looked at");
    return admin::json_of(report);
  }
}

// From other nodes, or from the backup that is named.
admin::EntryRepair repair_log(const AdminParts& parts, const std::string& from, const admin::Watch& watch) {
  if (from.empty()) {
    return admin::repair_entries(
        parts.log,
        [&](record::EntryIndex index) {
          return parts.cluster ? parts.cluster->fetch_entry(index) : std::nullopt;
        },
        watch);
  }
  const admin::BackupFolder folder(from, admin::BackupFolder::Open::to_read);
  const auto ids = folder.ids();
  if (ids.empty()) throw admin::BadBackup(from + " holds no backup");
  const admin::BackupEntries entries(folder, folder.read(ids.back()),
                                     std::filesystem::path(parts.config.data_dir) / "repair.tmp",
                                     admin::secret_hash(parts.log));
  return admin::repair_entries(
      parts.log, [&](record::EntryIndex index) { return entries.read(index); }, watch);
}

// The log is in order. Whether the state is not, a sentence; "" when it is.
std::string state_damage(const AdminParts& parts, bool deep, const admin::Watch& watch) {
  const admin::DataCopy copy(live_data(parts), "verify.tmp", watch);
  for (const admin::Damage& damage : admin::verify(copy, deep, watch).damage)
    if (damage.cure == admin::Damage::Cure::rebuild) return damage.part + ": " + damage.what;
  return "";
}

std::string repair(const AdminParts& parts, std::string_view parameters, admin::TaskControl& control) {
  const admin::Watch watch = watch_of(control);
  const auto log = repair_log(parts, admin::text_in(parameters, "from"), watch);
  if (log.chunks) parts.succession.compactions().reopen();
  std::string damage;
  try {
    damage = admin::flag_in(parameters, "rebuild")
                 ? "an operator asked for it"
                 : state_damage(parts, admin::flag_in(parameters, "deep"), watch);
  } catch (const store::Damaged& error) {  // it could not even be copied
    damage = error.what();
  }
  if (damage.empty()) return admin::json_of(log, "whole");
  if (!log.left.empty())
    return admin::json_of(log, "damaged (" + damage + "), and not made anew from a log that is");
  parts.rebuild_state(damage);
  return admin::json_of(log, "is made anew from the log (" + damage + ")");
}

}  // namespace

void add_verify_kinds(admin::Tasks& tasks, const AdminParts& parts) {
  tasks.add({.name = "verify",
             .check = nullptr,
             .run = [parts](std::string_view parameters, std::string_view, admin::TaskControl& control) {
               return verify(parts, parameters, control);
             }});
  tasks.add({.name = "repair",
             .check = nullptr,
             .run = [parts](std::string_view parameters, std::string_view, admin::TaskControl& control) {
               return repair(parts, parameters, control);
             }});
}

}  // namespace lode::node
