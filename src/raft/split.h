// A message of entries as one or more in which a CHANGE entry always comes first: a follower of the library
// takes the first new entry of a message for the place of the configuration that it finds in it. Pure.
#pragma once

#include <vector>

#include "raft/message.h"

namespace lode::raft {

std::vector<AppendEntries> split_at_changes(AppendEntries message);  // one at least

}  // namespace lode::raft
