#include "node/group_of_one.h"

#include "raft/configuration.h"
#include "raft/recovery.h"

namespace lode::node {

bool is_only_member(log::Log& log, record::GroupId group) {
  if (!raft::is_grouped(log, group)) return true;
  return raft::newest_configuration(raft::recover(log, group)).servers.size() == 1;
}

void begin_group(log::Log& log, record::GroupId group, const raft::Server& self) {
  if (!raft::is_grouped(log, group)) raft::bootstrap(log, group, {{self}});
}

}  // namespace lode::node
