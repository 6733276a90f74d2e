// Changes of the views, asked for by name, and what there is to see of them. A change is one of the ruleset:
// it takes that one's road through the log (rule_changes.h, materialize/succession.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/view_catalogue.h"
#include "cluster/command.h"
#include "log/log.h"
#include "materialize/succession.h"
#include "node/rule_changes.h"

namespace lode::node {

// Any thread.
class ViewCommands {
 public:
  // All outlive it.
  ViewCommands(RuleChanges& rules, const materialize::Succession& succession, const log::Log& log,
               record::GroupId group)
      : rules_(rules), succession_(succession), log_(log), group_(group) {}

  // On the leader: check, apply, drop (admin/view_change.h), cancel. Answers when the change is proposed;
  // the catalogue says when it is in force. `short_logs`: members whose log has lost its beginning.
  cluster::CommandAnswer execute(std::string_view action, std::string_view body,
                                 const std::vector<uint64_t>& short_logs) const;

  admin::ViewCatalogue catalogue() const;

 private:
  cluster::CommandAnswer change(std::string_view action, std::string_view body,
                                const std::vector<uint64_t>& short_logs) const;
  cluster::CommandAnswer cancel(std::string_view body) const;
  std::string why_not_built(const std::vector<uint64_t>& short_logs) const;

  RuleChanges& rules_;
  const materialize::Succession& succession_;
  const log::Log& log_;
  const record::GroupId group_;
};

}  // namespace lode::node
