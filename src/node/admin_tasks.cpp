#include "node/admin_tasks.h"

#include "env/log.h"
#include "node/admin_backup.h"
#include "node/admin_compact.h"
#include "node/admin_quarantine.h"
#include "node/admin_replay.h"

namespace lode::node {

AdminTasks::AdminTasks(const AdminParts& parts)
    : tasks_(parts.config.data_dir + "/tasks", parts.clock,
             [](const std::string& sentence) { env::log_info("task.told", sentence); }) {
  add_replay(tasks_, parts);
  admin::remove_copies(parts.config.data_dir);
  add_backup_kinds(tasks_, parts);
  add_verify_kinds(tasks_, parts);
  add_compact_kinds(tasks_, parts);
  add_quarantine_retry(tasks_, parts);
}

}  // namespace lode::node
