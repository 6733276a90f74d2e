// Who belongs to the cluster, where each can be called, and what each said about itself last. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cluster/facts.h"
#include "peer/settings.h"

namespace lode::cluster {

class Members {
 public:
  // Addresses in `configured` win over what nodes say, and that over what the group's configuration says.
  Members(raft::NodeId self, std::vector<peer::Peer> configured);

  struct Heard {
    Facts facts;
    int64_t at_micros = 0;  // steady clock
  };

  void configure(const raft::Configuration& configuration, int64_t now_micros);
  void heard(const Facts& facts, int64_t now_micros);
  void told_address(raft::NodeId node, const std::string& address);
  void forget(raft::NodeId node);  // what it said

  raft::Configuration configuration() const;
  std::optional<Heard> last_heard(raft::NodeId node) const;
  std::string address_of(raft::NodeId node) const;  // "" when nobody said one
  // Whom to keep a connection to: members, and for a minute those who were, so that they hear of it.
  std::vector<peer::Peer> peers(int64_t now_micros) const;

 private:
  std::string address_of_locked(raft::NodeId node) const;

  const raft::NodeId self_;
  std::map<raft::NodeId, std::string> configured_;
  mutable std::mutex mutex_;
  raft::Configuration configuration_;
  std::map<raft::NodeId, std::string> told_;
  std::map<raft::NodeId, Heard> heard_;
  struct Leaver {
    std::string address;
    int64_t until_micros = 0;
  };
  std::map<raft::NodeId, Leaver> leaving_;
};

}  // namespace lode::cluster
