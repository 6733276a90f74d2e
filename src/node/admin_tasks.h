// What an operator may ask of this node and that takes long: the kinds of tasks it has, with the parts of the
// engine that each needs. A kind is added in a file of its own, admin_<noun>.cpp.
#pragma once

#include "admin/data_copy.h"
#include "admin/tasks.h"
#include "cluster/cluster.h"
#include "ingest/ingest.h"
#include "log/rocksdb_log.h"
#include "materialize/succession.h"
#include "node/config.h"
#include "node/sources.h"
#include "node/state_folders.h"
#include "raft/replica.h"

namespace lode::node {

// All outlive the tasks.
struct AdminParts {
  const Config& config;
  const env::Clock& clock;
  log::RocksDbLog& log;
  const record::GroupId group;
  const store::Hasher& hasher;
  StateFolders& folders;
  materialize::Succession& succession;
  raft::Replica& replica;
  cluster::Cluster* cluster;  // null: the node is alone
  ingest::Ingest& ingest;
  std::function<std::shared_ptr<const Sources>()> sources;
  // The state is removed and made anew from the log; the engine begins again for that. Returns at once.
  std::function<void(const std::string& why)> rebuild_state;
};

class AdminTasks {
 public:
  // Kept in <data_dir>/tasks. Nothing runs before begin().
  explicit AdminTasks(const AdminParts& parts);

  admin::Tasks& tasks() { return tasks_; }
  const admin::Tasks& tasks() const { return tasks_; }
  // Once the node is ready: those that were interrupted go on. Any one thread.
  void begin() { tasks_.begin(); }
  // Before anything that tasks use stops.
  void stop() { tasks_.stop(); }

 private:
  admin::Tasks tasks_;
};

}  // namespace lode::node
