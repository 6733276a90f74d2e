// How often each rule looked at something, changed it, or quarantined an event, per source. Plain totals over
// the records so far, never taken back: an event that waits counts as quarantined by unknown_order also after
// it was applied, and one that a later record sends to quarantine counts then. All in memory, bounded. A
// Part: threads and lock as in store/state.h.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "silver/rule.h"
#include "store/state.h"

namespace lode::silver {

struct RuleCount {
  uint64_t seen = 0;         // items it looked at: events, lines or texts
  uint64_t changed = 0;      // of those
  uint64_t quarantined = 0;  // events
};
using RuleCounts = std::array<RuleCount, kRuleNumbers>;  // by rule

class Quality final : public store::Part {
 public:
  // Sources beyond this many are counted as one, under the name kOtherSources.
  static constexpr size_t kMaxSources = 1000;
  static constexpr const char* kOtherSources = "(other sources)";

  // The counters of a source, by name. Apply thread; valid until the next call of load().
  RuleCounts& of(std::string_view source);
  // Ordered by source. Mutex held, shared at least.
  const std::map<std::string, RuleCounts, std::less<>>& all() const { return counts_; }

  std::vector<store::Family> families() const override;
  void load(std::shared_ptr<const store::Snapshot> snapshot) override;
  void freeze() override;
  void write_frozen(store::Ingestion& ingestion) override;
  void release_frozen(std::shared_ptr<const store::Snapshot> snapshot) override;
  uint64_t memory_bytes() const override { return 0; }  // it does not grow with the epoch

 private:
  std::map<std::string, RuleCounts, std::less<>> counts_;
  std::map<std::string, std::string> frozen_;
};

}  // namespace lode::silver
