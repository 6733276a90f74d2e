// What became of an import, added up by the connections that send it. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "lodectl/import_batch.h"

namespace lode::lodectl {

class ImportReport {
 public:
  // The first `named` bad rows are written to standard error with their line numbers, the others only
  // counted.
  explicit ImportReport(uint64_t named) : named_(named) {}

  // Adds the answer of POST /v1/events (200, 207 or 422) to `batch`. Throws Failed when it is none.
  void add(const ImportBatch& batch, std::string_view answer);
  void add(const BadRow& row);
  void waited();  // a request had to be sent again

  uint64_t events() const;
  uint64_t bad() const;
  uint64_t unnamed() const;     // of the bad ones
  uint64_t file_bytes() const;  // the furthest batch's
  std::string text(double seconds) const;
  std::string json(double seconds) const;

 private:
  void show(uint64_t line, const std::string& code, const std::string& pointer, const std::string& detail);

  const uint64_t named_;
  mutable std::mutex mutex_;
  uint64_t accepted_ = 0, duplicates_ = 0, rejected_ = 0, bad_rows_ = 0, waits_ = 0, file_bytes_ = 0,
           shown_ = 0;
  std::map<std::string, uint64_t> quarantined_;  // by rule
};

}  // namespace lode::lodectl
