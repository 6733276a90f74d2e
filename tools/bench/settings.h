// What lode-bench was asked to do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lode::bench {

struct Settings {
  std::vector<std::string> http{"127.0.0.1:7070"},
      tcp{"127.0.0.1:7071"};      // of one server, or of a cluster's nodes
  std::string protocol = "http";  // http, tcp
  std::string format = "json";    // json, flatbuffers (tcp only)
  std::string ack = "applied";    // applied, committed
  uint32_t connections = 8, batch = 1000, threads = 1;
  double rate = 0;  // events/s; 0: as fast as possible
  double seconds = 10;
  uint64_t events = 0;  // 0: until the time is up

  std::string file;    // NDJSON in place of generated events
  uint64_t seed = 0;   // 0: of the clock
  uint64_t first = 0;  // number of the first generated event
  uint32_t customers = 160'000, skus = 4'000;
  uint64_t orders_per_day = 50'000;
  std::string ids = "uuid";  // uuid, sequential
  bool today = false;

  std::string query;           // a view, or a path with {keys}
  uint64_t known = 100'000;    // events of this seed that the server has
  double background_rate = 0;  // events/s while queries run
  uint32_t background_batch = 100;
  bool read_your_writes = false;
  std::string fsync_dir;

  int server_pid = 0;
  std::string data_dir;
  bool json = false;
};

}  // namespace lode::bench
