// Asks before what can't be taken back.
#pragma once

#include <string>

namespace lode::lodectl {

// Returns when the user says yes, or has said so before (--yes). Throws Failed: kFailed for a no, kUsage when
// there is no terminal to ask on.
void confirm(const std::string& consequence, bool said_yes);

}  // namespace lode::lodectl
