#include "node/services.h"

#include <shared_mutex>
#include <utility>

#include "cluster/cluster.h"
#include "node/metrics.h"
#include "silver/rehearsal.h"

namespace lode::node {

namespace {

template <typename Source>
std::shared_ptr<const Source> part_of(std::shared_ptr<const Sources> sources, const Source Sources::*part) {
  const Source* source = &(sources.get()->*part);
  return {std::move(sources), source};
}

std::function<void(cluster::CommandAnswer)> told(std::function<void(wire::ClusterAnswer)> done) {
  return [done = std::move(done)](cluster::CommandAnswer answer) {
    done({answer.status, std::move(answer.problem), std::move(answer.json)});
  };
}

wire::ClusterServices cluster_services(cluster::Cluster& cluster, Engine& engine) {
  wire::ClusterServices out;
  out.command = [&cluster](const wire::ClusterCommand& command,
                           std::function<void(wire::ClusterAnswer)> done) {
    cluster.command({command.name, command.id, command.address, command.body}, told(std::move(done)));
  };
  out.status_json = [&cluster] { return cluster.status_json(); };
  out.ruleset_text = [&engine] { return engine.controls().active.text; };
  out.leader = [&cluster]() -> std::optional<wire::Leader> {
    const auto leader = cluster.leader();
    if (!leader) return std::nullopt;
    return wire::Leader{leader->self, leader->id, leader->http, leader->tcp};
  };
  out.barrier = [&cluster](auto done) { cluster.barrier(std::move(done)); };
  return out;
}

}  // namespace

namespace {

void truncate_log(Engine& engine, uint64_t before, bool dry_run,
                  std::function<void(wire::TruncatedLog)> done) {
  engine.truncate_log({before}, dry_run, [&engine, done = std::move(done)](const Truncation& truncation) {
    done({truncation.first.value, query::first_offset_from(engine.sources()->log, truncation.first),
          truncation.dropped, truncation.held_by});
  });
}

}  // namespace

wire::Services services_of(Engine& engine, const MappingShelf& mappings, const env::Clock& clock) {
  wire::Services services{
      .ingest = engine.ingest(),
      .applied = engine.applied(),
      .gold = [&engine] { return part_of(engine.sources(), &Sources::gold); },
      .silver = [&engine] { return part_of(engine.sources(), &Sources::silver); },
      .log = [&engine] { return part_of(engine.sources(), &Sources::log); },
      .explain = [&engine] { return part_of(engine.sources(), &Sources::explain); },
      .rehearse =
          [&engine, &clock](const event::Event& event, std::span<const event::Line> lines) {
            const auto sources = engine.sources();
            silver::Rehearsal rehearsal(sources->generation->ruleset().silver, sources->silver.tables);
            std::shared_lock lock(sources->silver.state.mutex());
            const auto next = static_cast<uint64_t>(sources->silver.position().as_of_offset + 1);
            return rehearsal.apply(event, lines, next, {clock.now_micros()});
          },
      .clock = clock,
      .rules_hash = [&engine] { return engine.generation()->rules_hash(); },
      .mapping = [&mappings](std::string_view name) { return mappings.find(name); },
      .status_json = [&engine] { return engine.status_json(); },
      .metrics_text = [&engine] { return metrics_of(engine); },
      .not_ready = [&engine] { return engine.not_ready(); },
      .not_readable = [&engine] { return engine.not_readable(); },
      .truncate_log =
          [&engine](uint64_t before, bool dry_run, std::function<void(wire::TruncatedLog)> done) {
            truncate_log(engine, before, dry_run, std::move(done));
          },
      .tasks = &engine.tasks(),
  };
  services.views = [&engine] { return engine.views(); };
  services.change_views = [&engine](const std::string& action, const std::string& body,
                                    std::function<void(wire::ClusterAnswer)> done) {
    engine.change_views(action, body, told(std::move(done)));
  };
  if (cluster::Cluster* cluster = engine.cluster()) services.cluster = cluster_services(*cluster, engine);
  return services;
}

}  // namespace lode::node
