#include "query/explain_scan.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>

#include "silver/order_row.h"

namespace lode::query {

namespace {

using gold::Column;

constexpr uint32_t kRowsPerLock = 1000;
constexpr size_t kBytesPerLock = 64 << 10;  // packed

}  // namespace

gold::KeyFilters order_filters(const gold::KeyFilters& filters, const gold::View& view) {
  gold::KeyFilters shared(filters.keys());
  for (const gold::KeyFilter& filter : filters.list()) {
    const Column column = view.keys[filter.position];
    if (column != Column::sku && column != Column::category && column != Column::kind) shared.add(filter);
  }
  return shared;
}

ExplainScan::ExplainScan(const SilverSource& source, const gold::Plan& plan, const gold::ZoneRules& zone,
                         const Settings& settings)
    : source_(source),
      plan_(plan),
      settings_(settings),
      of_orders_(order_filters(settings.filters, *plan.view)),
      calendar_(zone) {}

ScanEnd ExplainScan::run(const std::function<bool(const ScannedOrder&, const silver::Tables&)>& visit,
                         const std::function<bool()>& interrupted) {
  ScanEnd end = ScanEnd::done;
  uint64_t from = 0;
  for (bool more = true; more && end == ScanEnd::done;) {
    if (interrupted()) return ScanEnd::stopped;
    more = false;
    uint32_t rows = 0;
    size_t bytes = 0;
    std::shared_lock lock(source_.state.mutex());
    source_.tables.scan_orders(from, settings_.offset + 1, [&](uint64_t row, std::string_view packed) {
      from = row + 1;
      ++orders_;
      const Look found = look(row, packed, source_.tables);
      if (found == Look::lost) end = ScanEnd::lost;
      if (found == Look::matches && !visit(order_, source_.tables)) end = ScanEnd::stopped;
      if (end != ScanEnd::done) return false;
      bytes += packed.size();
      more = ++rows >= kRowsPerLock || bytes >= kBytesPerLock;
      return !more;
    });
  }
  return end;
}

ExplainScan::Look ExplainScan::look(uint64_t row, std::string_view bytes, const silver::Tables& tables) {
  silver::OrderState& state = order_.state;
  state = silver::unpack_order(row, bytes);
  if (!silver::take_back(tables, settings_.offset, state, bought_)) return Look::lost;
  const silver::Standing standing = silver::standing_of(state);
  order_.cancelled = standing.status == silver::OrderStatus::cancelled;
  if (standing.purchase < 0 || (order_.cancelled && !settings_.without_effect)) return Look::passed_over;
  if (!may_match(state, standing)) return Look::passed_over;
  if (order_.cancelled) state = silver::uncancelled(std::move(state));
  fold(state, order_.outcome);
  add_keys();
  bool any = false;
  for (size_t i = 0; i < order_.keys.size() && !any; ++i)
    any = plan_.takes(order_.outcome.facts[i]) && settings_.filters.matches(order_.keys[i].data());
  if (!any && !settings_.without_effect) return Look::passed_over;
  order_.origins = silver::origins_of(state, order_.outcome);
  return Look::matches;
}

// By the purchase, on the day of any of the order's records.
bool ExplainScan::may_match(const silver::OrderState& state, const silver::Standing& standing) {
  const silver::OrderRecord& purchase = state.records[static_cast<size_t>(standing.purchase)];
  const silver::Fact fact = silver::common_fact(state, purchase);
  return std::any_of(state.records.begin(), state.records.end(), [&](const silver::OrderRecord& record) {
    const uint32_t day = gold::day_word(calendar_.day(record.occurred_at));
    return of_orders_.matches(plan_.key(gold::words_of(fact, day)).data());
  });
}

void ExplainScan::add_keys() {
  order_.days.clear();
  order_.keys.clear();
  order_.record_days.clear();
  if (settings_.without_effect) {
    for (const silver::OrderRecord& record : order_.state.records)
      order_.record_days.push_back(gold::day_word(calendar_.day(record.occurred_at)));
  }
  for (const silver::Fact& fact : order_.outcome.facts) {
    order_.days.push_back(gold::day_word(calendar_.day(fact.occurred_at)));
    order_.keys.push_back(plan_.key(gold::words_of(fact, order_.days.back())));
  }
}

}  // namespace lode::query
