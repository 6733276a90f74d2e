// The reporting time zone as data: when its offset from UTC changes, and to what. It is part of the ruleset,
// so that all nodes know the same days whatever zone data their machines have.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lode::gold {

struct ZoneRules {
  struct Change {
    int64_t at_seconds = 0;      // since 1970-01-01T00:00:00Z
    int32_t offset_seconds = 0;  // east of UTC, from then on
    friend bool operator==(const Change&, const Change&) = default;
  };
  std::string name = "UTC";     // IANA
  int32_t first_offset = 0;     // seconds, before the first change
  std::vector<Change> changes;  // ascending; the last one holds for ever

  // As this machine knows the zone, up to 2100. An unknown name throws std::invalid_argument.
  static ZoneRules of_machine(const std::string& name);
  // Of what holds from 1990 to 2100: other days, another hash.
  uint64_t hash() const;
  friend bool operator==(const ZoneRules&, const ZoneRules&) = default;
};

}  // namespace lode::gold
