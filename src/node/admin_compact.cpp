#include "node/admin_compact.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "admin/compact_log.h"
#include "admin/compact_state.h"
#include "node/retention_node.h"

namespace lode::node {

namespace {

using admin::Refusal;
using materialize::kCompactionLevel;
using record::Control;

void propose(raft::Replica& replica, const Control& control) {
  auto payload = std::make_shared<const std::string>(control.encode());
  const raft::Proposal proposal{*payload, payload, 0, log::EntryType::control};
  constexpr std::chrono::milliseconds kPause{50};
  for (int tries = 0; tries < 100; ++tries, std::this_thread::sleep_for(kPause)) {
    switch (replica.propose({&proposal, 1})) {
      case raft::Proposed::taken:
        return;
      case raft::Proposed::not_leader:
        throw std::runtime_error("another node leads now, and compaction is decided there");
      case raft::Proposed::full:
      case raft::Proposed::transferring:
        break;
    }
  }
  throw std::runtime_error("too much is in flight for a decision of the group: say it again");
}

uint64_t free_bytes(const AdminParts& parts) {
  return std::filesystem::space(parts.config.data_dir).available;
}

bool is_alone(const AdminParts& parts) { return parts.cluster == nullptr; }

// A node that is alone has nobody to ask before newer controls are used.
void raise_level(const AdminParts& parts) {
  if (!is_alone(parts) || parts.succession.controls().level >= kCompactionLevel) return;
  propose(parts.replica, {Control::Kind::level, 0, {}, "", kCompactionLevel, {}, ""});
  constexpr std::chrono::milliseconds kLook{10};
  for (int i = 0; i < 500 && parts.succession.controls().level < kCompactionLevel; ++i)
    std::this_thread::sleep_for(kLook);
}

// Entries stay, so what reads them here does not matter; another node that lacks some would need a state.
admin::CompactPlace::Floor raise_floor(const AdminParts& parts, record::EntryIndex wanted, bool dry_run) {
  const record::EntryIndex floor = parts.replica.status().floor;
  if (wanted <= floor) return {wanted, ""};
  raft::Retention retention = peer_holders(parts.cluster);
  const record::EntryIndex applied = parts.succession.current().get()->materializer().applied_entry();
  retention.wanted = std::min(wanted, applied);
  retention.durable = applied;
  raft::Prunable may = raft::prunable(retention, floor);
  if (dry_run) return {std::max(floor, may.index), may.held_by};
  const record::EntryIndex raised = may.index > floor ? parts.replica.raise_floor(may.index) : floor;
  if (raised < wanted && may.held_by.empty()) may.held_by = "the group keeps its last entries";
  return {std::min(wanted, raised), raised < wanted ? may.held_by : ""};
}

admin::CompactPlace compact_place(const AdminParts& parts) {
  return {.log = parts.log,
          .group = parts.group,
          .hasher = parts.hasher,
          .succession = parts.succession,
          .decide =
              [parts](const Control& control) {
                raise_level(parts);
                propose(parts.replica, control);
              },
          .raise_floor = [parts](record::EntryIndex wanted,
                                 bool dry_run) { return raise_floor(parts, wanted, dry_run); },
          .free_bytes = [parts] { return free_bytes(parts); },
          .reserved_bytes = parts.config.reserved_disk_bytes};
}

std::optional<Refusal> check(const AdminParts& parts, std::string_view parameters) {
  const auto parsed = admin::parse_compact(parameters);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) return *refusal;
  const auto& request = std::get<admin::CompactRequest>(parsed);
  if (request.dry_run || request.decided) return std::nullopt;
  if (!is_alone(parts) && parts.succession.controls().level < kCompactionLevel)
    return Refusal{
        409,
        {"level_too_low", "",
         "The log is compacted from feature level 3 on: say `lodectl cluster finalize` once all nodes "
         "run this program."}};
  const raft::Status status = parts.replica.status();
  if (status.state == raft::State::leader) return std::nullopt;
  const std::string where = status.leader
                                ? "node " + std::to_string(status.leader->id.value) + " leads, ask it"
                                : "there is none now";
  return Refusal{
      409, {"not_leader", "", "The leader decides what is compacted, on all nodes alike: " + where + "."}};
}

}  // namespace

void add_compact_kinds(admin::Tasks& tasks, const AdminParts& parts) {
  tasks.add({.name = "compact-log",
             .check = [parts](std::string_view parameters) { return check(parts, parameters); },
             .run =
                 [parts](std::string_view parameters, std::string_view memo, admin::TaskControl& control) {
                   const auto parsed = admin::parse_compact(parameters);
                   const admin::CompactPlace place = compact_place(parts);
                   return admin::run_compact_log(place, std::get<admin::CompactRequest>(parsed), memo,
                                                 control);
                 }});
  tasks.add({.name = "compact-state",
             .check = nullptr,
             .run = [parts](std::string_view, std::string_view, admin::TaskControl& control) {
               return admin::run_compact_state({.current = parts.succession.current(),
                                                .free_bytes = [parts] { return free_bytes(parts); },
                                                .reserved_bytes = parts.config.reserved_disk_bytes},
                                               control);
             }});
}

}  // namespace lode::node
