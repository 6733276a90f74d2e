#include "node/view_commands.h"

#include <fmt/format.h>

#include "admin/view_change.h"
#include "node/sources.h"

namespace lode::node {
namespace {

using cluster::CommandAnswer;
using materialize::Ruleset;

CommandAnswer refused(const ingest::Refusal& refusal) { return {refusal.status, refusal.problem, ""}; }
CommandAnswer refused(const admin::Refusal& refusal) { return {refusal.status, refusal.problem, ""}; }

}  // namespace

CommandAnswer ViewCommands::execute(std::string_view action, std::string_view body,
                                    const std::vector<uint64_t>& short_logs) const {
  if (action == "check" || action == "apply" || action == "drop") return change(action, body, short_logs);
  if (action == "cancel") return cancel(body);
  return cluster::refuse(404, "unknown_command", "There is no command '" + std::string(action) + "'.");
}

CommandAnswer ViewCommands::change(std::string_view action, std::string_view body,
                                   const std::vector<uint64_t>& short_logs) const {
  auto parsed = admin::parse_view_change(action, body);
  if (auto* problem = std::get_if<event::Problem>(&parsed)) return {400, std::move(*problem), ""};
  const auto& asked = std::get<admin::ViewChange>(parsed);
  const materialize::ControlState now = succession_.controls();
  if (asked.ruleset && *asked.ruleset != now.active.hash)
    return cluster::refuse(
        409, "ruleset_changed",
        fmt::format("The ruleset {:016x} is not in force any more, {:016x} is: check again.", *asked.ruleset,
                    now.active.hash));
  auto planned = admin::plan_views(Ruleset::decode(now.active.text), asked);
  if (const auto* refusal = std::get_if<admin::Refusal>(&planned)) return refused(*refusal);
  const auto& views = std::get<admin::PlannedViews>(planned);
  admin::BuildPlan build;
  build.records = succession_.current().get()->materializer().next_offset().value;
  if (views.changes_rows()) build.why_not = why_not_built(short_logs);
  CommandAnswer answer{200, {}, admin::json_of(views, build, now.active.hash, asked.dry_run)};
  if (asked.dry_run || !views.changes_anything()) return answer;
  if (!build.why_not.empty()) return cluster::refuse(409, "truncated", build.why_not);
  if (const auto refusal = rules_.propose_change(views.ruleset, now.active)) return refused(*refusal);
  return answer;
}

CommandAnswer ViewCommands::cancel(std::string_view body) const {
  if (body != "{}") return cluster::refuse(400, "unknown_member", "It takes no members: send {}.");
  if (const auto refusal = rules_.propose_cancel()) return refused(*refusal);
  return {200, {}, fmt::format(R"({{"done":true,"ruleset":"{:016x}"}})", succession_.controls().active.hash)};
}

// Silver and all views of a ruleset are made of all records.
std::string ViewCommands::why_not_built(const std::vector<uint64_t>& short_logs) const {
  constexpr std::string_view kBecause =
      "silver and all views are built from the first record on when a view changes, so no view can change";
  if (const auto first = log_.first_index(group_); first.value > 1) {
    const Sources sources(succession_.current().get(), log_);
    return fmt::format(
        "The log begins at offset {}: the records before it were dropped (retention, log truncate, or this "
        "node began with a state of another one), and {}.",
        query::first_offset_from(sources.log, first), kBecause);
  }
  if (!short_logs.empty())
    return fmt::format(
        "The log of {}{} has lost its beginning (retention, or it began with a state of another node), and "
        "{} "
        "until that node is replaced by one with the whole log.",
        short_logs.size() > 1 ? "nodes " : "node ", fmt::join(short_logs, ", "), kBecause);
  return "";
}

admin::ViewCatalogue ViewCommands::catalogue() const {
  const materialize::ControlState controls = succession_.controls();
  const auto generation = succession_.current().get();
  auto build = succession_.build();
  auto decoded = [](const materialize::ControlState::Rules& rules) -> std::optional<Ruleset> {
    try {
      return Ruleset::decode(rules.text);
    } catch (const materialize::InvalidRuleset&) {
      return std::nullopt;
    }
  };
  std::optional<Ruleset> in_force = decoded(controls.active), next;
  // Of a switch that happens now, the generation is the later word.
  if (controls.next && build && generation->ruleset_hash() != controls.next->hash)
    next = decoded(*controls.next);
  if (!next) build.reset();
  admin::ViewCatalogue out = admin::catalogue_of(generation->gold().views(), in_force ? &*in_force : nullptr,
                                                 next ? &*next : nullptr, std::move(build));
  out.ruleset_hash = generation->ruleset_hash();
  return out;
}

}  // namespace lode::node
