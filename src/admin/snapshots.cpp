#include "admin/snapshots.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>

#include "materialize/log_gap.h"

namespace lode::admin {

namespace {

using materialize::Bystander;
using Role = Bystander::Role;

// Of what is on the disk. It is told of when it is there: copies that are listed are a replay's, and one that
// begins puts away what others before it left. A kill before leaves a folder that the next start sweeps.
store::Checkpoint keep(const ReplayPlace& place) {
  const auto serving = place.succession.current().get();
  Bystander made{place.succession.take_folder(), Role::snapshot, {}, place.clock.now_micros()};
  made.at = place.folders.copy(*serving, made.folder);
  place.succession.bystanders().put(made);
  return made.at;
}

void drop(const ReplayPlace& place, const Bystander& one) {
  place.succession.bystanders().remove(one.folder);
  place.folders.remove(one.folder);
}

}  // namespace

std::variant<SnapshotRequest, Refusal> parse_snapshot(std::string_view parameters) {
  simdjson::dom::parser parser;
  const simdjson::dom::object members = parser.parse(parameters.data(), parameters.size());
  SnapshotRequest out;
  std::string_view text;
  if (!members["action"].get(text)) {
    if (text != "create" && text != "drop")
      return Refusal{400, {"invalid_value", "/action", "It is create or drop."}};
    out.drop = text == "drop";
  }
  if (members["name"].get(text)) return out;
  constexpr std::string_view kBefore = "snapshot.";
  uint64_t folder = 0;
  if (text.starts_with(kBefore)) text.remove_prefix(kBefore.size());
  if (std::from_chars(text.data(), text.data() + text.size(), folder).ptr != text.data() + text.size() ||
      text.empty())
    return Refusal{400, {"invalid_value", "/name", "Send a name such as snapshot.7."}};
  out.folder = folder;
  return out;
}

std::optional<Refusal> check_snapshot(const ReplayPlace& place, const SnapshotRequest& request) {
  if (!request.drop || !request.folder) return std::nullopt;
  const auto one = place.succession.bystanders().find(*request.folder);
  if (one && one->role == Role::snapshot) return std::nullopt;
  return Refusal{404, {"unknown_snapshot", "/name", "No such snapshot is kept."}};
}

std::string run_snapshot(const ReplayPlace& place, const SnapshotRequest& request, TaskControl& control) {
  if (request.drop) {
    uint64_t dropped = 0;
    for (const Bystander& one : place.succession.bystanders().in(Role::snapshot)) {
      if (request.folder && one.folder != *request.folder) continue;
      drop(place, one);
      ++dropped;
    }
    return fmt::format(R"({{"dropped":{}}})", dropped);
  }
  control.progress({"bringing the state onto the disk", 0, 0, ""});
  {
    const auto held = place.succession.current().hold();
    place.succession.current().get()->materializer().end_epoch_early();
  }
  place.succession.current().get()->state().wait_flushed();
  const store::Checkpoint at = keep(place);
  return fmt::format(R"({{"offset":{},"entry":{}}})", static_cast<int64_t>(at.next_offset) - 1,
                     at.entry_index);
}

void keep_snapshot_behind(const ReplayPlace& place, record::EntryIndex last) {
  const uint64_t ruleset = place.succession.current().get()->ruleset_hash();
  for (const Bystander& one : place.succession.bystanders().in(Role::snapshot))
    if (one.at.entry_index >= last.value && one.at.ruleset_hash == ruleset) return;
  keep(place);
}

void drop_lost_snapshots(const ReplayPlace& place) {
  for (const Bystander& one : place.succession.bystanders().in(Role::snapshot))
    if (materialize::gap_behind(place.log, place.group, {one.at.entry_index})) drop(place, one);
}

}  // namespace lode::admin
