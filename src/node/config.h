// The configuration: one TOML file, each key also an environment variable (LODE_HTTP_LISTEN) and a flag
// (--http-listen); the flag wins over the environment, the environment over the file. config/loded.toml
// documents every key.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lode::node {

struct Config {
  std::string data_dir = "./lode-data";
  bool insecure = false;
  bool read_only = false;
  std::string log_level = "info";
  std::string log_format = "text";

  std::string http_listen = "127.0.0.1:7070";
  std::string tcp_listen = "127.0.0.1:7071";
  uint64_t threads = 2;
  uint64_t max_connections = 4096;
  uint64_t header_bytes = 16 * 1024;
  uint64_t idle_seconds = 75;
  uint64_t request_seconds = 30;

  uint64_t body_bytes = 64ull << 20;
  uint64_t answer_bytes = 256ull << 20;
  uint64_t events_per_request = 10'000;
  uint64_t event_bytes = 1ull << 20;
  uint64_t lines_per_order = 10'000;
  uint64_t nesting = 32;
  uint64_t id_bytes = 128;
  uint64_t text_bytes = 4096;

  uint64_t queue_events = 200'000;
  uint64_t queue_bytes = 64ull << 20;
  uint64_t reserved_disk_bytes = 256ull << 20;
  std::string mappings_dir;  // "": the mappings that come with the program

  uint64_t cluster_id = 1;
  std::string cluster_listen;
  std::string cluster_advertise;           // "": cluster_listen
  std::vector<std::string> cluster_peers;  // "id=address:port"
  std::string tls_certificate, tls_key, tls_ca;
  uint64_t election_ms = 300;
  uint64_t heartbeat_ms = 50;
  uint64_t outcome_ms = 5000;
  uint64_t snapshot_bytes_per_second = 0;

  uint64_t zstd_level = 1;
  uint64_t retention_bytes = 0;    // 0: for ever
  uint64_t retention_seconds = 0;  // likewise

  std::string compact_schedule;  // cron; "": never by itself
  std::string compact_time_zone = "UTC";
  uint64_t compact_older_than_seconds = 86'400;
  bool compact_state = false;
  std::string backup_schedule;  // likewise
  std::string backup_time_zone = "UTC";
  std::string backup_dir;
  uint64_t backup_keep = 7;

  uint64_t epoch_events = 500'000;
  uint64_t epoch_bytes = 768ull << 20;

  std::vector<std::string> fee_skus;
  std::map<std::string, std::string> country_aliases;
  std::vector<std::string> disabled_rules;
  uint64_t returning_from = 1;
  uint64_t loyal_from = 5;
  std::string earliest = "1990-01-01T00:00:00Z";
  uint64_t latest_after_receive_seconds = 86'400;

  std::string time_zone = "UTC";
  std::string views_dir;  // "": the views that come with the program
};

// A sentence that names the key, the file or flag it stands in, and what to do.
class InvalidConfig : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct KeyHelp {
  std::string name, type, default_text, text;
  bool live = false;  // a reload takes it; others at the next start
};
std::vector<KeyHelp> config_keys();

// Flags and environment as (key or variable, value); only LODE_* variables are looked at, unknown ones are
// ignored. Throws InvalidConfig for an unknown key (naming the nearest), a value of the wrong type or out of
// its range, for an address other than loopback without `insecure` (or TLS, between nodes).
using Settings = std::vector<std::pair<std::string, std::string>>;
Config read_config(const std::string& file, const Settings& environment, const Settings& flags);

// Where a configuration comes from, to be read again.
struct ConfigSource {
  std::string file;  // "": none
  Settings environment, flags;
  Config read() const { return read_config(file, environment, flags); }
};

// The keys whose values differ, with both as texts, in the order of the keys.
struct KeyChange {
  std::string name, from, to;
  bool live = false;
};
std::vector<KeyChange> changes_of(const Config& from, const Config& to);

// The variable and the flag of a key: LODE_HTTP_LISTEN, http-listen.
std::string variable_of(std::string_view key);
std::string flag_of(std::string_view key);

}  // namespace lode::node
