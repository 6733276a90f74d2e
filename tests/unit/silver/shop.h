// A silver of its own over a disk in memory, fed with JSON events: what the tests of silver use.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "event/json.h"
#include "silver/silver.h"
#include "silver/tables.h"
#include "store/memory_disk.h"
#include "store/state.h"

namespace lode::silver {

// Facts as gold would hold them: each with the number of times it is booked.
class FactBag final : public FactSink {
 public:
  using Key = std::tuple<int, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
                         int64_t, uint64_t, int64_t, event::Int128, int64_t>;
  void book(std::span<const Fact> facts, int sign) override {
    for (const Fact& f : facts) {
      Key key{static_cast<int>(f.kind),
              f.country,
              f.currency,
              f.sku,
              f.customer,
              f.customer_type,
              f.channel,
              f.category,
              f.source,
              f.occurred_at.value,
              f.order,
              f.quantity,
              f.amount,
              f.discount};
      if ((counts_[key] += sign) == 0) counts_.erase(key);
    }
  }
  void change(std::span<const Fact>, std::span<const Fact> gone, std::span<const Fact> come) override {
    book(gone, -1);
    book(come, 1);
  }
  const std::map<Key, int>& counts() const { return counts_; }
  std::vector<Fact> facts() const {
    std::vector<Fact> facts;
    for (const auto& [k, count] : counts_) {
      Fact f;
      int kind;
      std::tie(kind, f.country, f.currency, f.sku, f.customer, f.customer_type, f.channel, f.category,
               f.source, f.occurred_at.value, f.order, f.quantity, f.amount, f.discount) = k;
      f.kind = static_cast<Kind>(kind);
      if (count < 0) throw std::logic_error("a fact was booked out more often than in");
      facts.insert(facts.end(), static_cast<size_t>(count), f);
    }
    return facts;
  }

 private:
  std::map<Key, int> counts_;
};

class Shop {
 public:
  static constexpr int64_t kReceived = 1'500'000'000'000'000;  // 2017-07-14T02:40:00Z

  explicit Shop(Settings settings = {})
      : tables(store::Hasher({1, 2, 3})),
        state(std::make_unique<store::MemoryDisk>(families()), tables.parts()),
        silver(std::move(settings), tables, facts) {}

  // Applies one event; the offset is the next one. Throws for an event that does not decode.
  std::optional<Rule> apply(const std::string& json, int64_t retry_of = -1) {
    event::EventBatch batch;
    if (decoder.decode_json(std::make_shared<const std::string>(json), batch) || batch.events.size() != 1) {
      throw std::invalid_argument(
          json + (batch.rejections.empty() ? "" : ": " + batch.rejections[0].problem.detail));
    }
    batch.events[0].retry_of = retry_of;
    std::unique_lock lock(state.mutex());
    return silver.apply(batch.events[0], batch.lines_of(batch.events[0]), {next_offset++}, {kReceived});
  }

  void end_epoch() {
    state.end_epoch({.next_offset = next_offset});
    state.wait_flushed();
  }

  std::map<uint64_t, Rule> quarantine() const {
    std::map<uint64_t, Rule> rules;
    tables.scan_quarantined(0, [&](uint64_t offset, const QuarantineRow& row) {
      rules[offset] = row.rule;
      return true;
    });
    return rules;
  }

  std::string text(uint32_t number) const { return tables.dictionary().text(number); }

  Tables tables;
  store::State state;
  FactBag facts;
  Silver silver;
  event::JsonDecoder decoder;
  uint64_t next_offset = 0;

 private:
  std::vector<store::Family> families() {
    std::vector<store::Family> all;
    for (store::Part* part : tables.parts()) {
      for (store::Family& family : part->families()) all.push_back(family);
    }
    return all;
  }
};

}  // namespace lode::silver
