#include "node/status.h"

#include <spdlog/fmt/fmt.h>

#include "event/time.h"
#include "node/engine.h"
#include "node/version.h"

namespace lode::node {

namespace {

std::string views_json(const gold::Gold& gold) {
  std::string out;
  for (const gold::View& view : gold.views())
    out += fmt::format(R"({}{{"name":"{}","version":"{:016x}","changed_offset":{}}})", out.empty() ? "" : ",",
                       view.name, view.version, gold.changed_offset(view));
  return out;
}

}  // namespace

std::string status_of(const Engine& engine, const gold::Gold& gold, uint64_t dictionary_size, uint64_t ids,
                      uint64_t ruleset_hash) {
  materialize::AppliedPosition at = engine.materializer().position();
  store::Checkpoint checkpoint = engine.state().checkpoint();
  ingest::Statistics in = engine.ingest().statistics();
  std::string reason = engine.not_ready();
  uint64_t committed = engine.committed_entry().value, applied = engine.materializer().applied_entry().value;
  return fmt::format(
      R"({{"version":"{}","ready":{},"reason":"{}",)"
      R"("log":{{"first_entry":{},"last_entry":{},"disk_bytes":{}}},)"
      R"("applied":{{"offset":{},"as_of_time":{},"entry":{},"lag_entries":{}}},)"
      R"("state":{{"checkpoint_offset":{},"checkpoint_entry":{},"flushing":{},"memory_bytes":{},"disk_bytes":{},"ids":{},"texts":{}}},)"
      R"("ingest":{{"accepted":{},"duplicates":{},"rejected":{},"quarantined":{},"refused":{},"entries":{},"commits":{},)"
      R"("waiting_events":{},"waiting_bytes":{}}},)"
      R"("ruleset":"{:016x}","views":[{}]}})",
      kVersion, reason.empty(), reason, engine.log().first_index(record::GroupId{0}).value, committed,
      engine.log().disk_bytes(), at.offset,
      at.offset < 0 ? "null" : '"' + event::format_rfc3339({at.record_micros}) + '"', applied,
      committed - applied, static_cast<int64_t>(checkpoint.next_offset) - 1, checkpoint.entry_index,
      engine.state().flushing(), engine.state().memory_bytes(), engine.state().disk_bytes(), ids,
      dictionary_size, in.accepted, in.duplicates, in.rejected, in.quarantined, in.refused, in.entries,
      in.commits, in.waiting_events, in.waiting_bytes, ruleset_hash, views_json(gold));
}

}  // namespace lode::node
