#include "node/admin_tasks.h"

#include <spdlog/spdlog.h>

namespace lode::node {

AdminTasks::AdminTasks(const AdminParts& parts)
    : tasks_(parts.config.data_dir + "/tasks", parts.clock,
             [](const std::string& sentence) { spdlog::info("{}", sentence); }) {}

}  // namespace lode::node
