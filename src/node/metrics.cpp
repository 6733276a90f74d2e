#include "node/metrics.h"

#include <prometheus/text_serializer.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <shared_mutex>

#include "cluster/cluster.h"
#include "env/clock.h"
#include "node/cluster_metrics.h"
#include "node/engine.h"
#include "node/metric_families.h"
#include "node/task_metrics.h"

namespace lode::node {

namespace {

using prometheus::MetricFamily;

struct Lag {
  double offsets = 0, seconds = 0;
};

// How many records an entry not applied yet brings is known when it is applied; until then it counts as the
// mean of those before it. What a replay has still to apply is younger than the last record applied.
Lag lag_of(const Engine& engine, const materialize::Materializer& materializer,
           const ingest::Statistics& in) {
  uint64_t applied = materializer.applied_entry().value;  // before committed, which it never passes
  uint64_t behind = engine.committed_entry().value - applied;
  if (behind == 0) return {};
  double mean = applied ? as_double(materializer.next_offset().value) / as_double(applied) : 1;
  int64_t since = in.oldest_unapplied_micros;
  if (since == 0 && !engine.not_ready().empty()) since = materializer.position().record_micros;
  Lag lag{std::ceil(as_double(behind) * std::max(mean, 1.0))};
  if (since != 0)
    lag.seconds = std::max(0.0, static_cast<double>(env::SystemClock().now_micros() - since) / 1e6);
  return lag;
}

prometheus::ClientMetric of_materializer(const char* name, double value) {
  return gauged(value, "materializer", name);
}

}  // namespace

std::string metrics_of(const Engine& engine) {
  ingest::Statistics in = engine.ingest().statistics();
  const auto generation = engine.generation();
  const materialize::Materializer& materializer = generation->materializer();
  const store::State& state = generation->state();
  Lag lag = lag_of(engine, materializer, in);
  materialize::StateHash hash;
  {
    std::shared_lock lock(state.mutex());
    hash = materializer.state_hash();
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  std::vector<MetricFamily> families{
      counter("lode_ingest_events_total", "Items of write requests by verdict since the start.",
              {counted(as_double(in.accepted), "verdict", "accepted"),
               counted(as_double(in.duplicates), "verdict", "duplicate"),
               counted(as_double(in.rejected), "verdict", "rejected")}),
      counter("lode_ingest_quarantined_events_total",
              "Accepted events that went to quarantine since the start.",
              {counted(as_double(in.quarantined))}),
      counter("lode_ingest_refused_requests_total",
              "Write requests refused whole (429, 503, 507) since the start.",
              {counted(as_double(in.refused))}),
      counter("lode_log_entries_total", "Log entries committed since the start.",
              {counted(as_double(in.entries))}),
      counter("lode_log_commits_total", "Synced writes of the log since the start.",
              {counted(as_double(in.commits))}),
      gauge("lode_log_first_entry", "The first log entry that is left.",
            as_double(engine.log().first_index(record::GroupId{0}).value)),
      gauge("lode_log_payload_bytes", "Bytes of the record batches in the log.",
            as_double(engine.log().payload_bytes(record::GroupId{0}))),
      gauge("lode_log_chunks", "Chunks of compacted entries in the log.",
            as_double(engine.log().chunks(record::GroupId{0}).size())),
      gauge("lode_log_retention_held", "1 while something holds back what retention would drop.",
            engine.retention_held_by().empty() ? 0 : 1),
      gauge("lode_ingest_waiting_events", "Events in flight: taken in, not yet applied.",
            as_double(in.waiting_events)),
      gauge("lode_ingest_waiting_bytes", "Bytes of events in flight.", as_double(in.waiting_bytes)),
      gauge("lode_log_disk_bytes", "Size of the log on the disk.", as_double(engine.log().disk_bytes())),
      gauge("lode_state_disk_bytes", "Size of silver, gold and indexes on the disk.",
            as_double(state.disk_bytes())),
      gauge("lode_state_memory_bytes", "Memory of what is not checkpointed yet.",
            as_double(state.memory_bytes())),
      gauge("lode_applied_offset", "The last record applied; -1 when there is none.",
            static_cast<double>(materializer.position().offset)),
      gauge("lode_state_hash_offset", "The offset that lode_state_hash_low belongs to.",
            static_cast<double>(hash.offset)),
      gauge("lode_state_hash_low",
            "The low 48 bits of the state hash: nodes at the same offset and ruleset have the same.",
            as_double(static_cast<uint64_t>(hash.digests.all().sum) & 0xffff'ffff'ffff)),
      gauge("lode_checkpoint_offset", "The last record in the state's checkpoint; -1 when there is none.",
            static_cast<double>(state.checkpoint().next_offset) - 1),
      gauge("lode_state_write_failing",
            "1 while the state can't be written (a full disk) and is tried again.",
            state.trouble().empty() ? 0 : 1),
      gauge("lode_ready", "1 when reads and writes are served.", engine.not_ready().empty() ? 1 : 0),
      {"lode_materializer_lag_offsets",
       "Committed records that are not applied yet: the log entries behind, at the mean size of those "
       "before.",
       prometheus::MetricType::Gauge,
       {of_materializer("silver", lag.offsets), of_materializer("gold", lag.offsets)}},
      {"lode_materializer_lag_seconds",
       "Age of the oldest committed record that is not applied yet (during a replay, of the last one "
       "applied); "
       "0 when there is none.",
       prometheus::MetricType::Gauge,
       {of_materializer("silver", lag.seconds), of_materializer("gold", lag.seconds)}},
      counter("process_cpu_seconds_total", "User and system CPU time.", {counted(cpu)}),
  };
  if (const cluster::Cluster* cluster = engine.cluster()) {
    for (MetricFamily& family : families_of(cluster->report())) families.push_back(std::move(family));
  }
  std::vector<prometheus::ClientMetric> next_runs;
  for (const auto& [name, micros] : engine.next_runs())
    next_runs.push_back(gauged(static_cast<double>(micros) / 1e6, "schedule", name));
  if (!next_runs.empty())
    families.push_back(gauges("lode_schedule_next_timestamp_seconds",
                              "When a schedule is due next; in the past while it waits for its turn.",
                              std::move(next_runs)));
  for (MetricFamily& family : families_of(engine.tasks())) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace lode::node
