// Which upserts may go: those of which every field was set again by a newer one, and from which no order took
// a value. A fold over the log's records in their order. Pure; one thread.
//
// Where the rules leave room it keeps: upserts of one product are those with the very same sku, not those
// that cleaning makes the same; an order that sends no country of its own counts as one that took it,
// whatever came of the order. So what it says holds under every ruleset that finds the same times plausible.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "record/types.h"

namespace lode::admin {

class Supersession {
 public:
  Supersession();
  ~Supersession();

  // Offsets ascend. `members`: the fields that it sets (members.h). Not for retries and what is, or may be,
  // in quarantine: these supersede nothing and stay.
  void add_upsert(record::Offset offset, const event::Event& event, const std::vector<std::string>& members);
  void add_purchase(const event::Event& event, std::span<const event::Line> lines);

  uint64_t upserts() const;
  // Ascending.
  std::vector<record::Offset> superseded() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::admin
