// Gold: all views, kept up to date by one aggregation operator. A row is keyed by 32-bit numbers and holds
// sums and counted sets (distinct members, days); both add up, so an epoch's delta, the rows on the disk and
// a roll-up are merged by the same operation, and retraction is adding with the other sign.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gold/view.h"
#include "gold/zone_rules.h"
#include "record/types.h"
#include "silver/fact.h"
#include "store/digest.h"
#include "store/state.h"
#include "store/text_hashes.h"

namespace lode::gold {

// Over every declaration and the zone's rules: gold's part of the ruleset hash.
uint64_t ruleset_hash(const std::vector<View>& views, const ZoneRules& zone);

class Gold final : public store::Part, public silver::FactSink {
 public:
  // `zone`: the reporting time zone. `texts`: of the facts' numbers; they outlive it.
  Gold(std::vector<View> views, ZoneRules zone, const store::TextHashes& texts);
  ~Gold() override;

  const std::vector<View>& views() const;
  const View* find(std::string_view name) const;

  // Facts of one whole order. Apply thread, mutex held exclusively. Readers see them after touch(), which
  // must come before the mutex is let go of: until then some may wait to be booked together.
  void book(std::span<const silver::Fact> facts, int sign) override;
  void change(std::span<const silver::Fact> kept, std::span<const silver::Fact> gone,
              std::span<const silver::Fact> come) override;
  // What was booked since the last touch() came with the records up to `offset`. Apply thread, mutex held
  // exclusively.
  void touch(uint64_t offset);
  // Mutex held, shared at least.
  record::LastChange last_change(const View& view) const;

  // A view's digest (weights.h) at the last touch(): as kept up to date with every booking, and from all rows
  // again (seconds for a big state) with texts that were just read. Equal, or the state is damaged. Mutex
  // held, shared at least.
  store::Digest digest(const View& view) const;
  store::Digest scan_digest(const View& view, const store::TextHashes& texts) const;

  // Reading: reader.h.

  std::vector<store::Family> families() const override;
  void load(std::shared_ptr<const store::Snapshot> snapshot) override;
  void freeze() override;
  void write_frozen(store::Ingestion& ingestion) override;
  void release_frozen(std::shared_ptr<const store::Snapshot> snapshot) override;
  uint64_t memory_bytes() const override;

 private:
  friend class Reader;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::gold
