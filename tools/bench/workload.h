// The events of the load, as whole HTTP requests or TCP batches: generated ones, or the lines of an NDJSON
// file. Requests are numbered; request n holds events n * batch to n * batch + batch - 1.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/settings.h"
#include "generate/purchase_stream.h"
#include "lode/client.h"

namespace lode::bench {

// The lines of a file, read once and shared. Throws std::runtime_error.
std::vector<std::string> read_lines(const std::string& file);

generate::StreamSettings stream_settings(const Settings& settings);

// Not thread-safe; one a connection. `lines` outlives it; empty: generated events.
class Workload {
 public:
  Workload(const Settings& settings, const std::vector<std::string>& lines);

  // How many requests there are; 0: no end.
  uint64_t requests() const;
  size_t event_bytes();  // of the first event
  void write_http(uint64_t request, std::string& out);
  void write_tcp(uint64_t request, client::Batch& batch);

 private:
  uint64_t count_of(uint64_t request) const;
  const Settings& settings_;
  const std::vector<std::string>& lines_;
  generate::PurchaseStream stream_;
  const std::string head_;
};

}  // namespace lode::bench
