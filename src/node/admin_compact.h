// The kinds of tasks that compact: the log, and the state.
#pragma once

#include "node/admin_tasks.h"

namespace lode::node {

void add_compact_kinds(admin::Tasks& tasks, const AdminParts& parts);

}  // namespace lode::node
