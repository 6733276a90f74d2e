// What is told of backups: the results of tasks, JSON objects. Pure but for the folders they read.
#pragma once

#include <string>

#include "admin/backup.h"
#include "admin/repair.h"
#include "admin/restore.h"

namespace lode::admin {

std::string json_of(const BackupReport& report, const BackupFolder::Pruned& pruned);
std::string json_of(const BackupFolder::Pruned& pruned, bool dry_run);
std::string json_of(const RestoreReport& report);
std::string json_of(const EntryRepair& repair, std::string_view state);

// {"backups":[…],"damaged":[sentences]}
std::string list_backups(const BackupFolder& folder);
// Reads backup `id` whole, or all for 0: {"verified":[ids],"damaged":[sentences]}. Throws Cancelled.
std::string verify_backups(const BackupFolder& folder, uint64_t id, const Watch& watch);

}  // namespace lode::admin
