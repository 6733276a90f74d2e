// Asks before what can't be taken back.
#pragma once

#include <string>

#include "lodectl/command.h"

namespace lode::lodectl {

// Returns when the user says yes, or has said so before (--yes). Throws Failed: kFailed for a no, kUsage when
// there is no terminal to ask on.
void confirm(const std::string& consequence, bool said_yes);

// The same, where a dry run only says what would come of it: false then, and nothing is to be done.
bool goes_on(const Context& context, const std::string& consequence, bool said_yes, bool dry_run);

}  // namespace lode::lodectl
