// The kinds of tasks about what is on the disk: backup, its verification and prune, verification of this
// node, and repair.
#pragma once

#include "node/admin_tasks.h"

namespace lode::node {

void add_backup_kinds(admin::Tasks& tasks, const AdminParts& parts);
void add_verify_kinds(admin::Tasks& tasks, const AdminParts& parts);

// The node that serves, for copies of what it has.
admin::LiveData live_data(const AdminParts& parts);
// How a task is watched.
admin::Watch watch_of(admin::TaskControl& control);

}  // namespace lode::node
