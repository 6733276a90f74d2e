// What verification found: where, which record and key it is about, and what cures it. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lode::admin {

struct Damage {
  // What cures it, lightest first.
  enum class Cure : uint8_t {
    rebuild,  // silver and gold are made anew from the log: `lodectl repair`
    fetch,    // the log's entry comes from another node or a backup: `lodectl repair`, `--from`
    restore,  // the log as a whole can't be used: a backup, or the member is replaced
  };
  std::string part;               // "log", "batch index", "ids", "silver.orders", "gold.daily_sales", "state"
  std::optional<uint64_t> entry;  // of the log
  std::optional<int64_t> offset;  // of the record; of the first one in an entry
  std::string key;                // of the row; "" none
  std::string what;               // a sentence without its end
  Cure cure = Cure::rebuild;
};

}  // namespace lode::admin
