// What a node must never forget of its cluster, beside the log: which one it is of, who ever was a member,
// and who is still to be taken in. Names in the log's `user/` facts: cluster/id, cluster/members,
// cluster/joined, cluster/founding.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "log/log.h"
#include "peer/hello.h"
#include "peer/settings.h"

namespace lode::cluster {

// Any thread. Throws record::Corruption when what lies there can't be read, log::WriteFailed.
class Identity {
 public:
  explicit Identity(log::Log& log);

  peer::ClusterId cluster() const;
  void set_cluster(peer::ClusterId cluster);

  // Another cluster begins, with `self` alone: ids that others had here may be given again.
  void begin_anew(raft::NodeId self);

  // Members of now and before: none of these ids is given to an empty node again.
  std::set<uint64_t> members() const;
  void add_members(const std::set<uint64_t>& ids);
  // Nodes that were seen with the cluster's id, and thus had its data.
  bool has_joined(raft::NodeId node) const;
  void add_joined(raft::NodeId node);

  // The first members, for as long as they are not all voters.
  std::vector<peer::Peer> founding() const;
  void set_founding(const std::vector<peer::Peer>& peers);

 private:
  log::Log& log_;
  mutable std::mutex mutex_;
  peer::ClusterId cluster_;
  std::set<uint64_t> members_, joined_;
  std::vector<peer::Peer> founding_;
};

peer::ClusterId random_cluster_id();

}  // namespace lode::cluster
