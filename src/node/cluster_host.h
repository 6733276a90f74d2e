// The node, as its cluster sees it.
#pragma once

#include <functional>

#include "cluster/host.h"
#include "log/log.h"
#include "materialize/succession.h"
#include "node/rule_changes.h"
#include "node/state_folders.h"
#include "node/view_commands.h"

namespace lode::node {

class ClusterHost final : public cluster::Host {
 public:
  using OnRestart = std::function<void(Restart)>;
  // All outlive it.
  ClusterHost(log::Log& log, materialize::Succession& succession, const StateFolders& folders,
              OnRestart on_restart);
  // Once, before the cluster starts.
  void attach(RuleChanges& rules, const ViewCommands& views) {
    rules_ = &rules;
    views_ = &views;
  }

  State state() const override;
  std::string controls() const override;
  void take(const cluster::Join& join) override;
  void restart(Restart how) override { on_restart_(how); }
  uint64_t ruleset_hash(const std::string& controls) const override;
  void adopt(const std::filesystem::path& folder, const cluster::Join& pack) override;
  store::Checkpoint checkpoint(const std::filesystem::path& folder) override;
  cluster::CommandAnswer propose_ruleset(const std::string& text) override;
  cluster::CommandAnswer propose_level(uint32_t level) override;
  cluster::CommandAnswer change_views(const std::string& action, const std::string& body,
                                      const std::vector<uint64_t>& short_logs) override;
  void propose_switch() override;

 private:
  log::Log& log_;
  materialize::Succession& succession_;
  const StateFolders& folders_;
  const OnRestart on_restart_;
  RuleChanges* rules_ = nullptr;
  const ViewCommands* views_ = nullptr;
};

}  // namespace lode::node
