// What an operator does to a cluster, step by step: ask, then look until it has come about. A step that was
// interrupted may be given again: it goes on where the cluster is.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lodectl/cluster_status.h"
#include "lodectl/http_client.h"

namespace lode::lodectl {

// The way to one node of the cluster.
class ClusterLink {
 public:
  virtual ~ClusterLink() = default;
  // Both throw Unreachable.
  virtual HttpAnswer status() = 0;  // GET /v1/cluster
  virtual HttpAnswer command(const std::string& name, const std::string& body) = 0;
  virtual void show(const std::string& doing, double share) = 0;  // what is waited for, 0..1
  virtual void pause() = 0;                                       // before it looks again
  virtual double seconds() const = 0;                             // a clock that doesn't jump
};

struct NodeAddress {
  uint64_t id = 0;
  std::string address;
};
// "4=10.0.0.4:7072". Throws Failed, kUsage.
NodeAddress parse_node_address(const std::string& text);

// Each answers the status in which the step has come about, and throws Failed when the cluster refuses it or
// when nothing has moved for `give_up_seconds`.
class ClusterSteps {
 public:
  ClusterSteps(ClusterLink& link, double give_up_seconds) : link_(link), give_up_(give_up_seconds) {}

  ClusterStatus now();
  ClusterStatus init();
  ClusterStatus add(const NodeAddress& node, bool standby);
  // Without `waits` a node that is behind is refused; else it is promoted once it has caught up.
  ClusterStatus promote(uint64_t id, bool waits);
  ClusterStatus remove(uint64_t id);
  ClusterStatus transfer(uint64_t id);  // 0: to any other
  ClusterStatus replace(uint64_t old_id, const NodeAddress& node);
  ClusterStatus unsafe_recover();
  ClusterStatus finalize();
  ClusterStatus apply_ruleset(const std::string& text);

 private:
  struct Look {
    bool reached = false;
    double share = 0;
    uint64_t mark = 0;  // when it changes, something moves
  };
  // Looks until `look` says that it is reached.
  ClusterStatus wait(const std::string& doing, const std::function<Look(const ClusterStatus&)>& look);
  // Asks; again while another change is under way or nobody leads. `done_code` is the refusal of what has
  // been done already: an answer {} then.
  HttpAnswer ask_until_told(const std::string& doing, const std::string& name, const std::string& body,
                            const std::string& done_code);
  // The same; the answer's body. Throws Failed when it is refused.
  std::string ask(const std::string& doing, const std::string& name, const std::string& body,
                  const std::string& done_code);
  ClusterStatus catch_up(uint64_t id);
  ClusterStatus catch_up_and_promote(uint64_t id);

  ClusterLink& link_;
  const double give_up_;
};

}  // namespace lode::lodectl
