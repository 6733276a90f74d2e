#include "silver/silver.h"

#include "silver/cleaner.h"
#include "silver/interner.h"
#include "silver/lookahead.h"
#include "silver/orders.h"
#include "silver/tables.h"
#include "silver/upserts.h"

namespace lode::silver {

using event::EventType;

struct Silver::Impl {
  Impl(Settings chosen, Tables& state, FactSink& facts)
      : settings(std::move(chosen)),
        tables(state),
        intern(tables.dictionary()),
        cleaner(settings),
        orders(settings, cleaner, tables, intern, facts) {}

  std::optional<Rule> apply(const event::Event& event, const CleanEvent& clean, const EventKeys& keys,
                            uint64_t offset, RuleCounts& counts) {
    if (clean.quarantine) return clean.quarantine;
    if (event.type == EventType::customer) {
      upsert_customer(event, clean, offset, intern, tables);
    } else if (event.type == EventType::product) {
      upsert_product(event, clean, offset, intern, tables);
    } else {
      return orders.apply(event, clean, keys, offset, counts);
    }
    return std::nullopt;
  }

  // A retry that failed is noted on what it retried; any other event gets a row of its own.
  void quarantine(const event::Event& event, uint64_t offset, Rule rule,
                  const std::optional<QuarantineRow>& retried) {
    QuarantineRow row;
    if (retried) {
      row = *retried;
      if (row.retries.size() == QuarantineRow::kMaxRetries) row.retries.erase(row.retries.begin());
      row.retries.push_back(offset);
      row.retry_rule = rule;
      tables.put_quarantined(static_cast<uint64_t>(event.retry_of), retried, row);
      return;
    }
    row.rule = rule;
    row.type = event.type;
    row.occurred_at = event.occurred_at;
    row.source = intern(store::Domain::source, event.source);
    row.event_id = event.event_id;
    row.order_id = event.order_id;
    tables.put_quarantined(offset, std::nullopt, row);
  }

  Settings settings;
  Tables& tables;
  Interner intern;
  Cleaner cleaner;
  Orders orders;
};

Silver::Silver(Settings settings, Tables& tables, FactSink& facts)
    : impl_(std::make_unique<Impl>(std::move(settings), tables, facts)) {}

Silver::~Silver() = default;

const Tables& Silver::tables() const { return impl_->tables; }

std::optional<Rule> Silver::apply(const event::Event& event, std::span<const event::Line> lines,
                                  record::Offset offset, event::Micros receive_time) {
  event::Event alone = event;
  alone.first_line = 0;
  return apply(event, Lookahead(*this, {&alone, 1}, lines).of(0), lines, offset, receive_time);
}

std::optional<Rule> Silver::apply(const event::Event& event, const EventKeys& keys,
                                  std::span<const event::Line> lines, record::Offset offset,
                                  event::Micros receive_time) {
  Impl& impl = *impl_;
  std::optional<QuarantineRow> retried;
  if (event.retry_of >= 0) {
    retried = impl.tables.get_quarantined(static_cast<uint64_t>(event.retry_of));
    if (!retried) {  // closed already: only the first success counts
      impl.tables.note_retry(static_cast<uint64_t>(event.retry_of), offset.value, {.too_late = true});
      return std::nullopt;
    }
  }
  RuleCounts& counts = impl.tables.quality().of(event.source);
  const CleanEvent& clean = impl.cleaner.clean(event, lines, receive_time, counts);
  std::optional<Rule> rule = impl.apply(event, clean, keys, offset.value, counts);
  if (rule) {
    ++counts[static_cast<size_t>(*rule)].quarantined;
    impl.quarantine(event, offset.value, *rule, retried);
  } else if (retried) {
    impl.tables.remove_quarantined(static_cast<uint64_t>(event.retry_of), *retried);
    impl.orders.forget(retried->order_id, static_cast<uint64_t>(event.retry_of));
  }
  if (retried) impl.tables.note_retry(static_cast<uint64_t>(event.retry_of), offset.value, {.rule = rule});
  return rule;
}

void Silver::prefetch_sku(std::string_view sku) const { impl_->intern.prefetch(store::Domain::sku, sku); }

Work Silver::work() const { return {impl_->orders.lines_handled(), impl_->tables.packed_bytes()}; }

}  // namespace lode::silver
