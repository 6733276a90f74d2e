// What a replay is asked for. Values; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "admin/point.h"
#include "admin/tasks.h"

namespace lode::admin {

struct ReplayRequest {
  enum class Action : uint8_t { replay, promote, rollback, drop };
  Action action = Action::replay;
  // What is looked at when old and new are compared; all of it is built and exchanged, as one.
  bool silver = false;
  std::string view;           // "" every view
  std::optional<Point> from;  // start at the newest kept snapshot at or before it
  bool dry_run = false;       // build and compare; keep what was built for promote
  uint32_t cores = 0;         // 0: all
  uint64_t rate = 0;          // records a second; 0: no bound
};

// `parameters`: a JSON object whose members are of the right types.
std::variant<ReplayRequest, Refusal> parse_replay(std::string_view parameters);

}  // namespace lode::admin
