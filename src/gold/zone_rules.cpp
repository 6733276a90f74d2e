#include "gold/zone_rules.h"

#include <xxhash.h>

#include <stdexcept>

#include "absl/time/time.h"

namespace lode::gold {

namespace {
constexpr int64_t kFirst = -5364662400;     // 1800: no zone has rules before
constexpr int64_t kHashedFrom = 631152000;  // 1990
constexpr int64_t kEnd = 4102444800;        // 2100
}  // namespace

ZoneRules ZoneRules::of_machine(const std::string& name) {
  absl::TimeZone zone;
  if (name.empty() || !absl::LoadTimeZone(name, &zone)) {
    throw std::invalid_argument("unknown time zone `" + name +
                                "`; give an IANA name such as UTC or Europe/London");
  }
  ZoneRules out;
  out.name = name;
  absl::Time at = absl::FromUnixSeconds(kFirst);
  out.first_offset = zone.At(at).offset;
  absl::TimeZone::CivilTransition change;
  while (zone.NextTransition(at, &change)) {
    at = zone.At(change.to).trans;
    if (absl::ToUnixSeconds(at) >= kEnd) break;
    out.changes.push_back({absl::ToUnixSeconds(at), zone.At(at).offset});
  }
  return out;
}

uint64_t ZoneRules::hash() const {
  std::vector<int64_t> rules{first_offset};
  for (const Change& change : changes) {
    if (change.at_seconds <= kHashedFrom) {
      rules[0] = change.offset_seconds;
    } else if (change.at_seconds < kEnd) {
      rules.push_back(change.at_seconds);
      rules.push_back(change.offset_seconds);
    }
  }
  return XXH3_64bits(rules.data(), rules.size() * sizeof(int64_t));
}

}  // namespace lode::gold
