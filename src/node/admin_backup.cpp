#include "node/admin_backup.h"

#include <fmt/format.h>

#include <filesystem>

#include "admin/backup.h"
#include "admin/backup_json.h"
#include "admin/task_parameters.h"
#include "materialize/generation.h"

namespace lode::node {

namespace {

using admin::BackupFolder;

// A folder that is named from here on is the same from everywhere.
std::optional<admin::Refusal> check_folder(std::string_view parameters) {
  const std::string dir = admin::text_in(parameters, "dir");
  if (std::filesystem::path(dir).is_absolute()) return std::nullopt;
  return admin::Refusal{
      400, {"invalid_value", "/dir", "Name the folder on the server's disk by its whole path, from / on."}};
}

// What lies in the data folder is the server's: it sweeps some names at a start, and a disk that is lost
// takes both.
std::optional<admin::Refusal> check_apart(const AdminParts& parts, std::string_view parameters) {
  if (auto refusal = check_folder(parameters)) return refusal;
  if (!admin::is_inside(admin::text_in(parameters, "dir"), parts.config.data_dir)) return std::nullopt;
  return admin::Refusal{
      400, {"invalid_value", "/dir", "That is in the server's data folder: name a folder outside of it."}};
}

std::string create(const AdminParts& parts, std::string_view parameters, admin::TaskControl& control) {
  BackupFolder folder(admin::text_in(parameters, "dir"), BackupFolder::Open::to_write);
  const admin::BackupNode node{parts.config.cluster_id, parts.cluster ? parts.cluster->id_text() : ""};
  const admin::Watch watch = watch_of(control);
  const auto report = admin::create_backup(live_data(parts), node, folder, parts.clock, watch);
  const uint64_t keep = admin::number_in(parameters, "keep", 0);
  const auto pruned = keep > 0 ? folder.prune(keep, false) : BackupFolder::Pruned{};
  return admin::json_of(report, pruned);
}

std::string verify(std::string_view parameters, admin::TaskControl& control) {
  const BackupFolder folder(admin::text_in(parameters, "dir"), BackupFolder::Open::to_read);
  return admin::verify_backups(folder, admin::number_in(parameters, "backup", 0), watch_of(control));
}

std::string prune(std::string_view parameters) {
  BackupFolder folder(admin::text_in(parameters, "dir"), BackupFolder::Open::to_write);
  const bool dry_run = admin::flag_in(parameters, "dry_run");
  return admin::json_of(folder.prune(admin::number_in(parameters, "keep", 0), dry_run), dry_run);
}

std::optional<admin::Refusal> check_keep(std::string_view parameters) {
  if (auto refusal = check_folder(parameters)) return refusal;
  if (admin::number_in(parameters, "keep", 0) > 0) return std::nullopt;
  return admin::Refusal{400, {"invalid_value", "/keep", "At least one backup is kept."}};
}

}  // namespace

admin::Watch watch_of(admin::TaskControl& control) {
  return {.progress =
              [&control](std::string_view stage, uint64_t done, uint64_t total, std::string_view unit) {
                control.progress({std::string(stage), done, total, std::string(unit)});
              },
          .cancelled = [&control] { return control.cancelled(); }};
}

admin::LiveData live_data(const AdminParts& parts) {
  materialize::Current& current = parts.succession.current();
  return {.log = parts.log,
          .group = parts.group,
          .data_dir = parts.config.data_dir,
          .make_durable =
              [&current] {
                const auto held = current.hold();
                current.get()->materializer().end_epoch_early();
              },
          .durable = [&current] { return current.get()->state().checkpoint(); },
          .copy_state =
              [&current](const std::filesystem::path& to) { return current.get()->state().copy_to(to); },
          .applied =
              [&current] {
                const auto held = current.hold();
                const auto generation = current.get();
                const auto& at = generation->materializer();
                return store::Checkpoint{at.next_offset().value, at.applied_entry().value,
                                         at.position().record_micros, generation->ruleset_hash()};
              }};
}

void add_backup_kinds(admin::Tasks& tasks, const AdminParts& parts) {
  tasks.add({.name = "backup",
             .check = [parts](std::string_view parameters) { return check_apart(parts, parameters); },
             .run = [parts](std::string_view parameters, std::string_view,
                            admin::TaskControl& control) { return create(parts, parameters, control); }});
  tasks.add({.name = "backup-list",
             .check = check_folder,
             .run = [](std::string_view parameters, std::string_view, admin::TaskControl&) {
               return admin::list_backups(
                   BackupFolder(admin::text_in(parameters, "dir"), BackupFolder::Open::to_read));
             }});
  tasks.add({.name = "backup-verify",
             .check = check_folder,
             .run = [](std::string_view parameters, std::string_view, admin::TaskControl& control) {
               return verify(parameters, control);
             }});
  tasks.add({.name = "backup-prune",
             .check = check_keep,
             .run = [](std::string_view parameters, std::string_view, admin::TaskControl&) {
               return prune(parameters);
             }});
}

}  // namespace lode::node
