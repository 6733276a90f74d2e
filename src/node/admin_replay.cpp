#include "node/admin_replay.h"

#include "admin/snapshots.h"
#include "admin/time_travel.h"

namespace lode::node {

namespace {

using admin::Refusal;
using admin::TaskControl;

// What was checked before it began.
template <typename Request>
Request checked(std::variant<Request, Refusal> parsed) {
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) throw std::runtime_error(refusal->problem.detail);
  return std::get<Request>(std::move(parsed));
}

}  // namespace

admin::ReplayPlace replay_place(const AdminParts& parts) {
  return {parts.log, parts.group, parts.hasher, parts.folders, parts.succession, parts.clock};
}

void add_replay(admin::Tasks& tasks, const AdminParts& parts) {
  const admin::ReplayPlace place = replay_place(parts);
  tasks.add({"replay",
             [place](std::string_view parameters) -> std::optional<Refusal> {
               const auto parsed = admin::parse_replay(parameters);
               if (const auto* refusal = std::get_if<Refusal>(&parsed)) return *refusal;
               return admin::check_replay(place, std::get<admin::ReplayRequest>(parsed));
             },
             [place](std::string_view parameters, std::string_view memo, TaskControl& control) {
               return admin::run_replay(place, checked(admin::parse_replay(parameters)), memo, control);
             }});
  tasks.add({"snapshot",
             [place](std::string_view parameters) -> std::optional<Refusal> {
               const auto parsed = admin::parse_snapshot(parameters);
               if (const auto* refusal = std::get_if<Refusal>(&parsed)) return *refusal;
               return admin::check_snapshot(place, std::get<admin::SnapshotRequest>(parsed));
             },
             [place](std::string_view parameters, std::string_view, TaskControl& control) {
               return admin::run_snapshot(place, checked(admin::parse_snapshot(parameters)), control);
             }});
  tasks.add({"time-travel",
             [place](std::string_view parameters) -> std::optional<Refusal> {
               const auto parsed = admin::parse_travel(parameters);
               if (const auto* refusal = std::get_if<Refusal>(&parsed)) return *refusal;
               return admin::check_travel(place, std::get<admin::TravelRequest>(parsed));
             },
             [place](std::string_view parameters, std::string_view memo, TaskControl& control) {
               return admin::run_travel(place, checked(admin::parse_travel(parameters)), memo, control);
             }});
}

}  // namespace lode::node
