// Replay, snapshots and time travel as kinds of tasks of this node.
#pragma once

#include "admin/replay.h"
#include "node/admin_tasks.h"

namespace lode::node {

admin::ReplayPlace replay_place(const AdminParts& parts);
void add_replay(admin::Tasks& tasks, const AdminParts& parts);

}  // namespace lode::node
