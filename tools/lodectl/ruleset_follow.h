// Waiting until a ruleset that was announced is in force on the node that is asked.
#pragma once

#include <string>

#include "lodectl/http_client.h"

namespace lode::lodectl {

// Shows how far the build is on a terminal. `hash`: 16 hex digits, as /v1/status shows it. False: the user
// stopped looking (Ctrl-C), and it goes on. Throws Failed when it was taken back or replaced, can't be built,
// or nothing has moved for two minutes; Unreachable.
bool follow_ruleset(HttpClient& client, const std::string& hash);

}  // namespace lode::lodectl
