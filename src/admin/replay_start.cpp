#include "admin/replay_start.h"

#include "materialize/log_gap.h"

namespace lode::admin {

namespace {

using materialize::Bystander;

Refusal refuse(std::string code, std::string detail) {
  return {409, {std::move(code), "", std::move(detail)}};
}

}  // namespace

bool is_before(const Bystander& snapshot, const Point& point) {
  if (point.offset) return snapshot.at.next_offset <= point.offset->value + 1;
  return snapshot.at.record_micros <= point.time->value;
}

std::variant<std::optional<Bystander>, Refusal> start_of(const ReplayPlace& place,
                                                         const std::optional<Point>& from) {
  const uint64_t ruleset = place.succession.current().get()->ruleset_hash();
  const bool whole_log = !materialize::gap_behind(place.log, place.group, {0});
  if (whole_log && !from) return std::optional<Bystander>();
  std::optional<Bystander> best;
  for (const Bystander& one : place.succession.bystanders().in(Bystander::Role::snapshot)) {
    if (one.at.ruleset_hash != ruleset || (from && !is_before(one, *from))) continue;
    if (materialize::gap_behind(place.log, place.group, {one.at.entry_index})) continue;
    // The newest that is asked for; else the oldest, from which the most is made anew.
    if (!best || (one.at.entry_index > best->at.entry_index) == from.has_value()) best = one;
  }
  if (best) return best;
  if (from)
    return refuse("no_snapshot",
                  "No snapshot of the state is kept at or before that point: replay all, or name "
                  "a later point; `lodectl snapshots list` shows those that are kept.");
  return refuse("truncated",
                "The log no longer has its beginning, and no snapshot of the state is kept that it "
                "goes on from: another node's state or a backup has what is missing.");
}

}  // namespace lode::admin
