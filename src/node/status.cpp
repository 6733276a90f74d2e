#include "node/status.h"

#include <fmt/format.h>

#include "admin/view_catalogue.h"
#include "event/time.h"
#include "node/engine.h"
#include "node/version.h"
#include "wire/json_text.h"

namespace lode::node {

namespace {

std::string views_json(const NodeFacts& facts) {
  std::string out;
  for (const auto& [view, last_change] : facts.views)
    out += fmt::format(R"({}{{"name":"{}","version":{},"changed_offset":{}}})", out.empty() ? "" : ",",
                       view->name, view->version, last_change ? std::to_string(last_change->value) : "null");
  return out;
}

std::string digests_json(const std::vector<store::NamedDigest>& digests) {
  std::string out;
  for (const store::NamedDigest& part : digests)
    out += fmt::format(R"({}"{}":"{}")", out.empty() ? "" : ",", part.name, part.digest.hex());
  return out;
}

std::string state_hash_json(const materialize::StateHash& hash) {
  return fmt::format(R"({{"offset":{},"entry":{},"hash":"{}","tables":{{{}}},"views":{{{}}}}})", hash.offset,
                     hash.entry, hash.digests.all().hex(), digests_json(hash.digests.tables),
                     digests_json(hash.digests.views));
}

std::string build_json(const NodeFacts& facts) {
  if (!facts.build) return "null";
  return fmt::format(R"({{"ruleset":"{:016x}","entry":{},"of":{},"trouble":{},"progress":{}}})",
                     facts.build->ruleset_hash, facts.build->entry.value, facts.build->of.value,
                     wire::json_string(facts.build->trouble), admin::progress_json(*facts.build));
}

// By kind: what runs, and what ended last. "name" is what lodectl shows each under.
std::string tasks_json(const Engine& engine) {
  std::string out;
  for (const admin::Task& task : engine.tasks().last_of_each_kind())
    out += fmt::format(R"({}{{"name":{},{})", out.empty() ? "" : ",", wire::json_string(task.kind),
                       admin::json_of(task).substr(1));
  return out;
}

}  // namespace

std::string status_of(const Engine& engine, const NodeFacts& facts) {
  const materialize::Materializer& materializer = facts.generation->materializer();
  const store::State& state = facts.generation->state();
  materialize::AppliedPosition at = materializer.position();
  store::Checkpoint checkpoint = state.checkpoint();
  ingest::Statistics in = engine.ingest().statistics();
  std::string reason = engine.not_ready();
  uint64_t applied = materializer.applied_entry().value;  // before committed, which it never passes
  uint64_t committed = engine.committed_entry().value;
  const auto chunks = engine.log().chunks(record::GroupId{0});
  uint64_t chunk_bytes = 0;
  for (const log::ArchivedChunk& chunk : chunks) chunk_bytes += chunk.bytes;
  return fmt::format(
      R"({{"version":"{}","ready":{},"reason":{},"cluster":{{"id":{}}},)"
      R"("log":{{"first_entry":{},"last_entry":{},"payload_bytes":{},"disk_bytes":{},)"
      R"("compacted":{{"last_entry":{},"chunks":{},"bytes":{}}},)"
      R"("retention":{{"bytes":{},"seconds":{},"held_by":{}}}}},)"
      R"("applied":{{"offset":{},"as_of_time":{},"entry":{},"lag_entries":{}}},)"
      R"("state":{{"checkpoint_offset":{},"checkpoint_entry":{},"flushing":{},"memory_bytes":{},"disk_bytes":{},"ids":{},"texts":{}}},)"
      R"("ingest":{{"accepted":{},"duplicates":{},"rejected":{},"quarantined":{},"refused":{},"entries":{},"commits":{},)"
      R"("waiting_events":{},"waiting_bytes":{}}},)"
      R"("ruleset":"{:016x}","configured_ruleset":"{:016x}","level":{},"building":{},)"
      R"("state_hash":{},"views":[{}],"generations":{},"tasks":[{}],"schedules":{}}})",
      kVersion, reason.empty(), wire::json_string(reason), facts.cluster_id,
      engine.log().first_index(record::GroupId{0}).value, committed,
      engine.log().payload_bytes(record::GroupId{0}), engine.log().disk_bytes(),
      chunks.empty() ? 0 : chunks.back().last, chunks.size(), chunk_bytes, engine.retention_rules().bytes,
      engine.retention_rules().seconds, wire::json_string(engine.retention_held_by()), at.offset,
      at.offset < 0 ? "null" : '"' + event::format_rfc3339({at.record_micros}) + '"', applied,
      committed - applied, static_cast<int64_t>(checkpoint.next_offset) - 1, checkpoint.entry_index,
      state.flushing(), state.memory_bytes(), state.disk_bytes(), facts.ids, facts.dictionary_size,
      in.accepted, in.duplicates, in.rejected, in.quarantined, in.refused, in.entries, in.commits,
      in.waiting_events, in.waiting_bytes, facts.generation->ruleset_hash(), facts.configured_hash,
      facts.level, build_json(facts), state_hash_json(facts.state_hash), views_json(facts),
      engine.generations_json(), tasks_json(engine), engine.schedules_json());
}

}  // namespace lode::node
