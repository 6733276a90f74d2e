// Replay without downtime: the state is built again from the log in a folder beside the one that serves,
// catches up, and takes its place in one step between two entries. The one that served is kept until it is
// dropped, or the next replay. Nothing goes through the log: other nodes serve what they have.
//
// Threads: one call at a time.
#pragma once

#include <string>
#include <string_view>

#include "admin/replay_request.h"
#include "admin/tasks.h"
#include "env/clock.h"
#include "materialize/succession.h"

namespace lode::admin {

// All outlive the calls.
struct ReplayPlace {
  const log::Log& log;
  const record::GroupId group;
  const store::Hasher& hasher;
  materialize::Folders& folders;
  materialize::Succession& succession;
  const env::Clock& clock;
};

// Why it can't be begun now. Any thread.
std::optional<Refusal> check_replay(const ReplayPlace& place, const ReplayRequest& request);

// Does it and answers the result, a JSON object; "" when the control ended it. A kill anywhere leaves what
// serves untouched; with the memo it goes on from the last checkpoint of what was built. Throws
// std::exception with a sentence: the ruleset changed meanwhile, the log is damaged, nothing was built that
// could be promoted.
std::string run_replay(const ReplayPlace& place, const ReplayRequest& request, std::string_view memo,
                       TaskControl& control);

// What lies beside the generation that serves, for status: a JSON array.
std::string bystanders_json(const materialize::Bystanders& bystanders);

}  // namespace lode::admin
