// Silver: cleans each event, folds it into its order, customer or product, and tells gold which facts went
// and which came. A pure function of the records in their order, the ruleset, and the state so far; no clock,
// no random, no I/O.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "record/types.h"
#include "silver/fact.h"
#include "silver/rule.h"
#include "store/dictionary.h"
#include "store/state.h"

namespace lode::silver {

// The configuration that determines rows. Part of the ruleset hash.
struct Settings {
  std::set<std::string> fee_skus = {};                      // cleaned before use, like skus
  std::map<std::string, std::string> country_aliases = {};  // name -> code; adds to the built-in ones
  RuleSet switched_off = 0;
  uint32_t returning_from = 1;  // orders before this one
  uint32_t loyal_from = 5;
  int64_t earliest_micros = 631152000000000;          // 1990-01-01
  int64_t latest_after_receive_micros = 86400000000;  // 24 h
  uint64_t hash() const;                              // over all of it and the built-in tables
};

// What apply() has done since the start: the time that it took goes by lines (about 0.1 to 1 us each), the
// memory by both.
struct Work {
  uint64_t lines = 0;  // read, folded or booked
  uint64_t bytes = 0;  // of orders' rows written
};

class Tables;      // tables.h: silver's parts of the state, and how rows are read
struct EventKeys;  // lookahead.h

class Silver {
 public:
  Silver(Settings settings, Tables& tables, FactSink& facts);
  ~Silver();
  const Tables& tables() const;

  // Applies one record. Returns the rule that sends it to quarantine, or nothing. Never throws for what a
  // client sent. Apply thread, the state's mutex held exclusively. Offsets ascend.
  // `keys`: a Lookahead's of the event.
  std::optional<Rule> apply(const event::Event& event, const EventKeys& keys,
                            std::span<const event::Line> lines, record::Offset offset,
                            event::Micros receive_time);
  // The same of an event alone.
  std::optional<Rule> apply(const event::Event& event, std::span<const event::Line> lines,
                            record::Offset offset, event::Micros receive_time);

  // For a Lookahead: a line with this sku comes soon. Apply thread.
  void prefetch_sku(std::string_view sku) const;

  Work work() const;  // apply thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::silver
