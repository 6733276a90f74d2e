// Where a replay may start: at the log's beginning, or at a kept snapshot of the state. Any thread.
#pragma once

#include <optional>
#include <variant>

#include "admin/replay.h"

namespace lode::admin {

// Nothing: at the log's beginning. Refused: 409 `no_snapshot` when `from` asks for one and there is none, 409
// `truncated` when the log has lost its beginning and no snapshot that it goes on from is kept.
std::variant<std::optional<materialize::Bystander>, Refusal> start_of(const ReplayPlace& place,
                                                                      const std::optional<Point>& from);
// Whether the snapshot's last record is at the point or before it.
bool is_before(const materialize::Bystander& snapshot, const Point& point);

}  // namespace lode::admin
