#include "node/limits.h"

namespace lode::node {

event::Limits limits_of(const Config& config) {
  return {.body_bytes = config.body_bytes,
          .events_per_request = static_cast<uint32_t>(config.events_per_request),
          .event_bytes = static_cast<uint32_t>(config.event_bytes),
          .lines_per_order = static_cast<uint32_t>(config.lines_per_order),
          .nesting = static_cast<uint32_t>(config.nesting),
          .id_bytes = static_cast<uint32_t>(config.id_bytes),
          .text_bytes = static_cast<uint32_t>(config.text_bytes)};
}

ingest::Settings ingest_settings(const Config& config) {
  ingest::Settings settings;
  settings.bounds = {.queue_bytes = config.queue_bytes,
                     .queue_events = static_cast<uint32_t>(config.queue_events),
                     .reserved_disk_bytes = config.reserved_disk_bytes};
  settings.zstd_level = static_cast<int>(config.zstd_level);
  settings.outcome_ms = static_cast<uint32_t>(config.outcome_ms);
  return settings;
}

wire::Settings wire_settings(const Config& config) {
  wire::Settings settings;
  settings.http_listen = config.http_listen;
  settings.tcp_listen = config.tcp_listen;
  settings.threads = static_cast<uint32_t>(config.threads);
  settings.max_connections = static_cast<uint32_t>(config.max_connections);
  settings.header_bytes = static_cast<uint32_t>(config.header_bytes);
  settings.idle_seconds = static_cast<uint32_t>(config.idle_seconds);
  settings.request_seconds = static_cast<uint32_t>(config.request_seconds);
  settings.answer_bytes = config.answer_bytes;
  settings.limits = limits_of(config);
  return settings;
}

}  // namespace lode::node
