#include "query/explain_tally.h"

#include <algorithm>

#include "gold/calendar.h"
#include "query/gold_value.h"
#include "query/silver_rows.h"
#include "silver/currency.h"

namespace lode::query {

using event::EventType;
using gold::Measure;
using silver::OrderRecord;
using silver::RuleSet;

namespace {

constexpr uint8_t kNoRule = 0xff;
constexpr size_t kMaxSources = silver::Quality::kMaxSources;  // those beyond are summed up as one
constexpr uint32_t kOtherSources = ~0u;

gold::KeyFilters filters_of(const gold::KeyFilters& filters, const gold::View& view,
                            const std::vector<std::string>& keys) {
  gold::KeyFilters some(filters.keys());
  for (const gold::KeyFilter& filter : filters.list()) {
    const std::string key(to_string(view.keys[filter.position]));
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) some.add(filter);
  }
  return some;
}

// Whether the cell has one value of each of these keys.
bool is_keyed_by(const GoldRequest& cell, const std::vector<std::string>& keys) {
  return std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return std::any_of(cell.groups.begin(), cell.groups.end(),
                       [&](uint32_t group) { return to_string(cell.view.keys[group]) == key; });
  });
}

gold::Figure added_figure(const Measure& measure, event::Int128 added) {
  if (measure.type == Measure::Type::first_day || measure.type == Measure::Type::last_day)
    return {gold::Figure::Type::day, gold::day_of_word(static_cast<uint32_t>(added)).value, 0};
  return {measure.money ? gold::Figure::Type::money : gold::Figure::Type::number, added, 0};
}

Value named(const silver::Tables& tables, uint32_t number) {
  std::string text = tables.dictionary().text(number);
  return text.empty() ? Value{} : Value{std::move(text)};
}

Value money(event::Int128 micros, uint32_t currency) {
  return Decimal{event::format_money(micros, silver::currency_digits(currency))};
}

}  // namespace

struct ExplainTally::Item {
  const ScannedOrder& order;
  const OrderRecord& record;
  const silver::OrderLine* line = nullptr;  // null: a record whose lines nobody has any more
  uint32_t line_number = 0;
  const silver::Fact* fact = nullptr;                // null: it was never booked
  const gold::Contribution* contribution = nullptr;  // null: without effect
  std::string_view without_effect = "";              // why
  const OrderRecord& purchase() const {
    return order.state.records[static_cast<size_t>(order.outcome.purchase)];
  }
  RuleSet rules() const {
    return purchase().rules | record.rules | (line != nullptr ? line->rules : RuleSet{0});
  }
};

ExplainTally::ExplainTally(const ExplainRequest& request, const gold::Plan& plan,
                           const gold::KeyFilters& filters, uint64_t offset)
    : request_(request),
      plan_(plan),
      filters_(filters),
      order_filters_(order_filters(filters, *plan.view)),
      scanned_(filters),
      offset_(offset),
      contributions_(plan) {
  sum_.added.resize(plan.sources.size());
  for (uint32_t i = 0; i < plan.sources.size(); ++i) {
    const Measure& measure = plan.view->measures[i];
    if (measure.type != Measure::Type::share || (request.measure && request.measure != i)) continue;
    if (!is_keyed_by(request.gold, measure.within)) continue;
    gold::KeyFilters within = filters_of(filters, *plan.view, measure.within);
    scanned_ = filters_of(scanned_, *plan.view, measure.within);
    shares_.push_back({i, std::move(within), 0});
  }
}

bool ExplainTally::add(const ScannedOrder& order, const silver::Tables& tables) {
  row_ = order.state.row;
  item_ = 0;
  contributions_.begin_order();
  const uint64_t before = sum_.lines;
  for (size_t i = 0; i < order.outcome.facts.size(); ++i) {
    const silver::Fact& fact = order.outcome.facts[i];
    if (!order.cancelled) add_shares(fact, order.keys[i]);
    if (in_cell(fact, order.keys[i])) add_fact(order, i, tables);
  }
  if (sum_.lines > before) ++orders_;
  if (request_.without_effect && !order.cancelled) {
    add_refused(order, tables);
    add_replaced(order, tables);
  }
  return !more_ || !request_.after;  // the first page is about all of it
}

void ExplainTally::add_shares(const silver::Fact& fact, const gold::Key& key) {
  for (Share& share : shares_) {
    if (plan_.takes(fact) && share.within.matches(key.data()))
      share.whole += contributions_.sum_added(plan_.sources[share.measure].of[0], fact);
  }
}

void ExplainTally::add_fact(const ScannedOrder& order, size_t number, const silver::Tables& tables) {
  const silver::Fact& fact = order.outcome.facts[number];
  const silver::FactOrigin origin = order.origins[number];
  const OrderRecord& record = order.state.records[origin.record];
  Item item{order, record, &record.lines[origin.line], origin.line, &fact};
  if (order.cancelled) {
    item.without_effect = to_string(silver::Rule::order_cancelled);
    return offer(item, tables);
  }
  item.contribution = &contributions_.add(fact, order.days[number]);
  if (currency_ == 0) currency_ = fact.currency;
  const bool shown = std::any_of(request_.shown.begin(), request_.shown.end(),
                                 [&](uint32_t measure) { return item.contribution->counts[measure] != 0; });
  if (request_.measure && !shown) return;
  add_sums(item);
  offer(item, tables);
}

// Refunds of the order that are in quarantine: as if they had been booked.
void ExplainTally::add_refused(const ScannedOrder& order, const silver::Tables& tables) {
  for (size_t i = 0; i < order.state.records.size(); ++i) {
    const OrderRecord& record = order.state.records[i];
    if (record.type != EventType::refund || !order.outcome.verdicts[i]) continue;
    for (uint32_t line = 0; line < record.lines.size(); ++line) {
      silver::Fact fact = order.outcome.facts.empty() ? silver::Fact{} : order.outcome.facts[0];
      fact.kind = record.lines[line].fee ? silver::Kind::fee : silver::Kind::return_;
      fact.sku = record.lines[line].sku;
      const gold::Key key = plan_.key(gold::words_of(fact, order.record_days[i]));
      if (!in_cell(fact, key)) continue;
      Item item{order, record, &record.lines[line], line};
      item.without_effect = to_string(*order.outcome.verdicts[i]);
      offer(item, tables);
    }
  }
}

// Purchases whose place a revision has taken.
void ExplainTally::add_replaced(const ScannedOrder& order, const silver::Tables& tables) {
  for (size_t i = 0; i < order.state.records.size(); ++i) {
    const OrderRecord& record = order.state.records[i];
    if (record.type != EventType::purchase || order.outcome.verdicts[i]) continue;
    if (static_cast<int>(i) == order.outcome.purchase) continue;
    const silver::Fact fact = silver::common_fact(order.state, record);
    if (!order_filters_.matches(plan_.key(gold::words_of(fact, order.record_days[i])).data())) continue;
    Item item{order, record};
    item.without_effect = "replaced_by_revision";
    offer(item, tables);
  }
}

void ExplainTally::add_to(Sum& sum, const gold::Contribution& contribution) const {
  sum.added.resize(plan_.sources.size());
  ++sum.lines;
  for (uint32_t i = 0; i < sum.added.size(); ++i) {
    if (is_summed(i)) sum.added[i] += contribution.added[i];
  }
}

void ExplainTally::add_sums(const Item& item) {
  add_to(sum_, *item.contribution);
  const uint32_t source = item.record.source;
  const bool listed = by_source_.contains(source) || by_source_.size() < kMaxSources;
  add_to(by_source_[listed ? source : kOtherSources], *item.contribution);
  const RuleSet rules = item.rules();
  if (rules == 0) add_to(by_rule_[kNoRule], *item.contribution);
  for (silver::Rule rule : silver::kRules) {
    if ((rules & silver::bit(rule)) != 0) add_to(by_rule_[static_cast<uint8_t>(rule)], *item.contribution);
  }
}

void ExplainTally::offer(const Item& item, const silver::Tables& tables) {
  if (item.contribution == nullptr) ++without_effect_;
  const ExplainRequest::After here{offset_, row_, item_++};
  if (request_.after &&
      std::pair(here.row, here.item) <= std::pair(request_.after->row, request_.after->item))
    return;
  if (rows_.size() == request_.gold.limit) {
    more_ = true;
    return;
  }
  rows_.push_back(row_of(item, tables));
  records_.push_back(item.record.offset);
  last_ = here;
}

std::vector<std::string> ExplainTally::columns(const ExplainRequest& request) {
  std::vector<std::string> columns{"order_id",    "line",    "kind",     "source",     "event_id",
                                   "occurred_at", "sku",     "quantity", "unit_price", "discount",
                                   "amount",      "offsets", "rules"};
  if (request.without_effect) columns.emplace_back("without_effect");
  for (uint32_t measure : request.shown)
    columns.push_back("adds_" + request.gold.view.measures[measure].name);
  return columns;
}

std::vector<Value> ExplainTally::row_of(const Item& item, const silver::Tables& tables) const {
  const OrderRecord& record = item.record;
  const OrderRecord& purchase = item.purchase();
  const bool refund = record.type == EventType::refund;
  std::vector<Value> row{
      std::string(item.order.state.order_id), Value{}, Value{},
      named(tables, record.source),           Value{}, event::format_rfc3339(record.occurred_at)};
  if (item.line != nullptr) row[1] = int64_t{item.line_number};
  if (item.fact != nullptr) {
    row[2] = std::string(name_of(item.fact->kind));
  } else if (item.line != nullptr) {
    row[2] = std::string(name_of(item.line->fee ? silver::Kind::fee : silver::Kind::return_));
  }
  if (const silver::OrderLine* line = item.line) {
    row.push_back(named(tables, line->sku));
    row.emplace_back(item.fact != nullptr ? item.fact->quantity : int64_t{line->quantity});
    row.push_back(line->has_unit_price ? money(line->unit_price, purchase.currency) : Value{});
    row.push_back(refund ? Value{} : money(line->discount, purchase.currency));
    row.push_back(item.fact != nullptr ? money(item.fact->amount, purchase.currency) : Value{});
  } else {
    row.resize(row.size() + 5);
  }
  std::vector<uint64_t> offsets{record.offset, purchase.offset};
  if (item.order.outcome.first_purchase >= 0)
    offsets.push_back(
        item.order.state.records[static_cast<size_t>(item.order.outcome.first_purchase)].offset);
  row.emplace_back(offsets_list(std::move(offsets)));
  row.emplace_back(rules_list(item.rules()));
  if (request_.without_effect)
    row.push_back(item.without_effect.empty() ? Value{} : Value{std::string(item.without_effect)});
  for (uint32_t measure : request_.shown) {
    const bool counts = item.contribution != nullptr && item.contribution->counts[measure] != 0;
    row.push_back(
        counts ? figure_value(added_figure(plan_.view->measures[measure], item.contribution->added[measure]),
                              purchase.currency)
               : Value{});
  }
  return row;
}

std::vector<gold::Figure> ExplainTally::figures() const {
  const gold::Total total = contributions_.total();
  std::vector<gold::Figure> figures = figures_of(plan_, total);
  for (const Share& share : shares_)
    figures[share.measure] = gold::ratio(figures[plan_.sources[share.measure].of[0]].value, share.whole);
  return figures;
}

std::optional<event::Int128> ExplainTally::whole(uint32_t share) const {
  for (const Share& one : shares_) {
    if (one.measure == share) return one.whole;
  }
  return std::nullopt;
}

std::string ExplainTally::next_cursor() const { return more_ ? encode_explain_cursor(request_, last_) : ""; }

bool ExplainTally::is_summed(uint32_t measure) const {
  const Measure::Type type = plan_.view->measures[measure].type;
  return type == Measure::Type::sum || type == Measure::Type::distinct || type == Measure::Type::difference;
}

std::vector<std::string> ExplainTally::sum_columns(const char* of) const {
  std::vector<std::string> columns{of, "lines"};
  for (uint32_t measure : request_.shown) {
    if (is_summed(measure)) columns.push_back("adds_" + plan_.view->measures[measure].name);
  }
  return columns;
}

void ExplainTally::append_sum(const Sum& sum, std::vector<Value>& row) const {
  row.emplace_back(static_cast<int64_t>(sum.lines));
  for (uint32_t measure : request_.shown) {
    if (!is_summed(measure)) continue;
    row.push_back(figure_value(added_figure(plan_.view->measures[measure], sum.added[measure]), currency_));
  }
}

Part ExplainTally::by_source(const silver::Tables& tables) const {
  Part part{"by_source", sum_columns("source"), {}};
  for (const auto& [source, sum] : by_source_) {
    auto& row = part.rows.emplace_back();
    row.emplace_back(source == kOtherSources ? std::string(silver::Quality::kOtherSources)
                                             : tables.dictionary().text(source));
    append_sum(sum, row);
  }
  return part;
}

Part ExplainTally::by_rule() const {
  Part part{"by_rule", sum_columns("rule"), {}};
  for (const auto& [rule, sum] : by_rule_) {
    auto& row = part.rows.emplace_back();
    row.push_back(rule == kNoRule ? Value{} : Value{std::string(to_string(static_cast<silver::Rule>(rule)))});
    append_sum(sum, row);
  }
  return part;
}

}  // namespace lode::query
