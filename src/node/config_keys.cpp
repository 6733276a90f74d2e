#include "node/config_keys.h"

#include <algorithm>
#include <string_view>

namespace lode::node {

namespace {

template <typename Member>
Key key(std::string name, Member Config::*member, std::string text, uint64_t least = 0, uint64_t most = 0) {
  return {std::move(name), [member](Config& config) -> Target { return &(config.*member); }, std::move(text),
          least, most};
}

// What Reload takes over while the node serves.
constexpr std::string_view kLive[] = {"http.max_connections",
                                      "http.header_bytes",
                                      "http.idle_seconds",
                                      "http.request_seconds",
                                      "limits.body_bytes",
                                      "limits.answer_bytes",
                                      "limits.events_per_request",
                                      "limits.lines_per_order",
                                      "limits.nesting",
                                      "limits.id_bytes",
                                      "limits.text_bytes",
                                      "ingest.queue_events",
                                      "ingest.queue_bytes",
                                      "ingest.reserved_disk_bytes",
                                      "ingest.mappings_dir",
                                      "log.level",
                                      "log.format",
                                      "log.retention_bytes",
                                      "log.retention_seconds"};

std::vector<Key> make_keys() {
  constexpr uint64_t kMiB = 1 << 20, kTiB = kMiB << 20;
  constexpr uint64_t kOrders = 1'000'000'000, kCentury = 100ull * 366 * 86'400;
  return {
      key("data_dir", &Config::data_dir, "Folder of all data; made when it is not there."),
      key("insecure", &Config::insecure,
          "Listen on addresses other than loopback although nothing is encrypted and nobody is asked who "
          "they are."),
      key("read_only", &Config::read_only,
          "Serve a state of the past, which `lodectl replay --to --into` made in data_dir, for reading."),
      key("http.listen", &Config::http_listen, "address:port of HTTP; port 0 takes a free one."),
      key("http.threads", &Config::threads, "Threads that serve HTTP and TCP.", 1, 64),
      key("http.max_connections", &Config::max_connections, "Open connections; one more is answered 503.", 1,
          1'000'000),
      key("http.header_bytes", &Config::header_bytes, "Size of a request's header.", 1024, kMiB),
      key("http.idle_seconds", &Config::idle_seconds, "An idle connection is closed after it.", 1, 86'400),
      key("http.request_seconds", &Config::request_seconds, "Time to send a request, and to take its answer.",
          1, 86'400),
      key("tcp.listen", &Config::tcp_listen, "address:port of the TCP protocol; port 0 takes a free one."),
      key("cluster.id", &Config::cluster_id,
          "This node's number; given once in a cluster's life, a node that lost its data gets another one.",
          1, UINT32_MAX),
      key("cluster.listen", &Config::cluster_listen,
          "address:port for other nodes; empty: this node is alone and opens none."),
      key("cluster.advertise", &Config::cluster_advertise,
          "address:port where other nodes call this one; empty: cluster.listen."),
      key("cluster.peers", &Config::cluster_peers,
          "The first members, id=address:port. With an empty data folder such a node waits for `lodectl "
          "cluster "
          "init` or `add`; later the addresses here win over those that the cluster knows."),
      key("cluster.tls_certificate", &Config::tls_certificate,
          "PEM file of this node's certificate, with the name lode-node-<id>; needed beyond loopback."),
      key("cluster.tls_key", &Config::tls_key, "PEM file of its private key."),
      key("cluster.tls_ca", &Config::tls_ca,
          "PEM file of the authority that the other nodes' are signed by."),
      key("cluster.election_ms", &Config::election_ms,
          "A follower that hears nothing from the leader for once to twice as long asks for votes.", 50,
          60'000),
      key("cluster.heartbeat_ms", &Config::heartbeat_ms, "How often an idle leader is heard.", 10, 10'000),
      key("cluster.outcome_ms", &Config::outcome_ms,
          "A write whose fate is not known after it is answered 503 outcome_unknown.", 500, 600'000),
      key("cluster.snapshot_bytes_per_second", &Config::snapshot_bytes_per_second,
          "Of its state that this node sends to one that lacks it; 0: as fast as it can.", 0, kTiB),
      key("limits.body_bytes", &Config::body_bytes, "A body after decompression, or a TCP frame.", 1024,
          1024 * kMiB),
      key("limits.answer_bytes", &Config::answer_bytes,
          "Large answers that their readers haven't taken yet, over all connections; past it a large read is "
          "answered 503.",
          8 * kMiB, kTiB),
      key("limits.events_per_request", &Config::events_per_request, "Events of one request.", 1, 1'000'000),
      key("limits.event_bytes", &Config::event_bytes, "One event.", 256, 64 * kMiB),
      key("limits.lines_per_order", &Config::lines_per_order, "Lines of one event.", 1, 1'000'000),
      key("limits.nesting", &Config::nesting, "Nesting of JSON.", 4, 512),
      key("limits.id_bytes", &Config::id_bytes, "event_id, source, order_id, customer id, sku.", 16, 1024),
      key("limits.text_bytes", &Config::text_bytes, "Any other text field.", 64, kMiB),
      key("ingest.queue_events", &Config::queue_events,
          "Events in flight; past it a request is answered 429.", 1, 100'000'000),
      key("ingest.queue_bytes", &Config::queue_bytes,
          "Bytes of events in flight; past it a request is answered 429.", kMiB, kTiB),
      key("ingest.reserved_disk_bytes", &Config::reserved_disk_bytes,
          "With less free space on the disk a request is answered 507.", 16 * kMiB, 1024 * kTiB),
      key("ingest.mappings_dir", &Config::mappings_dir,
          "Folder of CSV mappings (*.toml); empty: those that come with the program."),
      key("log.level", &Config::log_level, "debug, info, warn or error: what goes to standard error."),
      key("log.format", &Config::log_format, "text, logfmt or json: the form of a line there."),
      key("log.zstd_level", &Config::zstd_level, "Compression of record batches.", 1, 19),
      key("log.retention_bytes", &Config::retention_bytes,
          "Bytes of record batches that this node keeps, the newest; 0: all.", 0, 1024 * kTiB),
      key("log.retention_seconds", &Config::retention_seconds,
          "Age from which records are dropped from this node's log; 0: never.", 0, kCentury),
      key("compact.schedule", &Config::compact_schedule,
          "When the log is compacted: minute, hour, day, month, weekday, as in cron; empty: only when "
          "asked."),
      key("compact.time_zone", &Config::compact_time_zone, "IANA name of the zone whose clock that is."),
      key("compact.older_than_seconds", &Config::compact_older_than_seconds,
          "Such a compaction leaves what was received since as it is.", 0, kCentury),
      key("compact.state", &Config::compact_state, "Afterwards the state is compacted, too."),
      key("backup.schedule", &Config::backup_schedule,
          "When a backup is made: minute, hour, day, month, weekday, as in cron; empty: only when asked."),
      key("backup.time_zone", &Config::backup_time_zone, "IANA name of the zone whose clock that is."),
      key("backup.dir", &Config::backup_dir, "Folder of these backups; made when it is not there."),
      key("backup.keep", &Config::backup_keep, "So many of them are kept, the newest; 0: all.", 0, 1'000'000),
      key("state.epoch_events", &Config::epoch_events,
          "Records after which what is in memory goes to the disk; a restart replays at most twice as many.",
          1'000, 100'000'000),
      key("state.epoch_bytes", &Config::epoch_bytes,
          "Memory of what is not on the disk yet, after which it goes there.", 16 * kMiB, kTiB),
      key("silver.fee_skus", &Config::fee_skus, "Codes that are no products: postage, bank charges."),
      key("silver.country_aliases", &Config::country_aliases, "More names of countries: name = code."),
      key("silver.disabled_rules", &Config::disabled_rules, "Names of silver rules that are switched off."),
      key("silver.returning_from", &Config::returning_from,
          "Orders before, from which a customer is `returning`.", 1, kOrders),
      key("silver.loyal_from", &Config::loyal_from, "Orders before, from which a customer is `loyal`.", 1,
          kOrders),
      key("silver.earliest", &Config::earliest, "Events before it are quarantined as implausible_time."),
      key("silver.latest_after_receive_seconds", &Config::latest_after_receive_seconds,
          "Events so much later than their receive time are quarantined as implausible_time.", 0, kCentury),
      key("gold.time_zone", &Config::time_zone, "IANA name of the zone whose days the reports have."),
      key("gold.views_dir", &Config::views_dir,
          "Folder of view declarations (*.toml); empty: those that come with the program."),
  };
}

}  // namespace

const std::vector<Key>& all_keys() {
  static const std::vector<Key> keys = [] {
    std::vector<Key> made = make_keys();
    for (Key& key : made) key.live = std::ranges::find(kLive, key.name) != std::end(kLive);
    return made;
  }();
  return keys;
}

const Key* find_key(std::string_view name) {
  for (const Key& key : all_keys())
    if (key.name == name) return &key;
  return nullptr;
}

}  // namespace lode::node
