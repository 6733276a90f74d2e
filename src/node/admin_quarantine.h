// The retry of many quarantined records as a kind of task of this node.
#pragma once

#include "node/admin_tasks.h"

namespace lode::node {

void add_quarantine_retry(admin::Tasks& tasks, const AdminParts& parts);

}  // namespace lode::node
