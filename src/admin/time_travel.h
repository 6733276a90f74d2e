// The state as it was at a point of the log, made in a folder of its own from the log and the kept snapshots.
// What serves, and the log, are only read. Threads: one call at a time.
#pragma once

#include <string>
#include <string_view>

#include "admin/replay.h"

namespace lode::admin {

struct TravelRequest {
  Point to;  // an offset: its record is the last that is in; a time: records received until then are
  std::filesystem::path into;
  uint32_t cores = 0;
  uint64_t rate = 0;
};
// `parameters`: a JSON object with `to`, `into`, `cores`, `rate`.
std::variant<TravelRequest, Refusal> parse_travel(std::string_view parameters);
// Refused: 409 `folder_in_use` when `into` has something in it, 409 `truncated`, 400 for what is not applied
// yet, and for a folder within the data folder.
std::optional<Refusal> check_travel(const ReplayPlace& place, const TravelRequest& request);

// Does it and answers the result, a JSON object; "" when the control ended it. A kill leaves a folder that is
// not taken for a state, and goes on from its last checkpoint. Throws std::exception with a sentence.
std::string run_travel(const ReplayPlace& place, const TravelRequest& request, std::string_view memo,
                       TaskControl& control);

}  // namespace lode::admin
