// The node, as its cluster sees it.
#pragma once

#include <functional>

#include "cluster/host.h"
#include "log/log.h"
#include "materialize/current.h"

namespace lode::node {

class ClusterHost final : public cluster::Host {
 public:
  using OnRestart = std::function<void(Restart)>;
  ClusterHost(log::Log& log, materialize::Current& current, OnRestart on_restart);

  State state() const override;
  std::string ruleset_text() const override;
  void take(const cluster::Join& join) override;
  void restart(Restart how) override { on_restart_(how); }
  uint64_t ruleset_hash(const std::string& text) const override;
  void adopt(const std::filesystem::path& folder, const cluster::Join& pack) override;
  store::Checkpoint checkpoint(const std::filesystem::path& folder) override;
  cluster::CommandAnswer propose_ruleset(const std::string& text) override;
  cluster::CommandAnswer propose_level(uint32_t level) override;
  void propose_switch() override;

 private:
  log::Log& log_;
  materialize::Current& current_;
  const OnRestart on_restart_;
};

}  // namespace lode::node
