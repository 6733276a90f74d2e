#include "query/gold_query.h"

#include <algorithm>

#include "gold/reader.h"
#include "query/gold_request.h"
#include "query/gold_value.h"
#include "query/page.h"

namespace lode::query {
namespace {

using gold::Column;

// The answer's rows while they come in: the first ones by key, or the best ones by order.
class Page {
 public:
  Page(const GoldRequest& request, KeyTexts& texts, bool whole)
      : request_(request), texts_(texts), whole_(whole) {}

  bool add(gold::Row&& row) {
    if (!request_.order) {
      if (rows_.size() < request_.limit) {
        rows_.push_back(std::move(row));
        return true;
      }
      more_ = true;
      return whole_;
    }
    rows_.push_back(std::move(row));
    if (rows_.size() >= 2 * size_t{request_.limit} + 1000) cut();
    return true;
  }

  std::vector<gold::Row>& finish() {
    if (request_.order) cut();
    return rows_;
  }
  bool more() const { return more_; }

 private:
  void cut() {
    std::sort(rows_.begin(), rows_.end(), [this](const gold::Row& a, const gold::Row& b) {
      if (before(a, b)) return true;
      if (before(b, a)) return false;
      return a.group < b.group;
    });
    if (rows_.size() > request_.limit) rows_.resize(request_.limit);
  }

  bool before(const gold::Row& a, const gold::Row& b) {
    const GoldRequest::Order& order = *request_.order;
    if (!order.measure) {
      Column column = request_.view.keys[request_.groups[order.number]];
      std::string left = texts_(column, a.group[order.number]), right = texts_(column, b.group[order.number]);
      return order.descending ? right < left : left < right;
    }
    const gold::Figure& left = a.figures[order.number];
    const gold::Figure& right = b.figures[order.number];
    bool left_null = left.type == gold::Figure::Type::null,
         right_null = right.type == gold::Figure::Type::null;
    if (left_null || right_null) return !left_null && right_null;  // nulls come last either way
    return order.descending ? figure_less(right, left) : figure_less(left, right);
  }

  const GoldRequest& request_;
  KeyTexts& texts_;
  bool whole_;
  bool more_ = false;
  std::vector<gold::Row> rows_;
};

std::vector<Value> values_of(const GoldRequest& request, const gold::Row& row, uint32_t currency,
                             KeyTexts& texts) {
  std::vector<Value> values;
  for (size_t i = 0; i < request.groups.size(); ++i) {
    Column column = request.view.keys[request.groups[i]];
    if (column == Column::currency) currency = row.group[i];
    values.push_back(texts.value(column, row.group[i]));
  }
  for (size_t i = 0; i < row.figures.size(); ++i) {
    if (!request.view.measures[i].hidden) values.push_back(figure_value(row.figures[i], currency));
  }
  return values;
}

std::vector<std::string> columns_of(const GoldRequest& request) {
  std::vector<std::string> columns;
  for (uint32_t group : request.groups) columns.emplace_back(to_string(request.view.keys[group]));
  for (const gold::Measure& measure : request.view.measures) {
    if (!measure.hidden) columns.push_back(measure.name);
  }
  return columns;
}

}  // namespace

Failure unknown_view(const gold::Gold& gold, std::string_view name) {
  std::vector<std::string> names;
  for (const gold::View& view : gold.views()) names.push_back(view.name);
  return {404, {"unknown_view", "", "there is no such view; did you mean `" + nearest(name, names) + "`?"}};
}

Failure mixed_currencies() {
  return {422,
          {"mixed_currencies", "/group_by",
           "rows of several currencies can't be added up: filter by one (currency=…) or group by currency"}};
}

Answer<Result> query_gold(const GoldSource& source, std::string_view name, const Parameters& parameters) {
  const gold::View* view = source.gold.find(name);
  if (view == nullptr) return unknown_view(source.gold, name);
  auto parsed = parse_gold_request(*view, parameters, source.rules_hash);
  if (auto* failure = std::get_if<Failure>(&parsed)) return *failure;
  const GoldRequest& request = std::get<GoldRequest>(parsed);

  Result result;
  result.view = view->name;
  result.view_version = view->version;
  result.columns = columns_of(request);
  KeyTexts texts(source);
  // Whether there are several currencies is only known when all rows were seen.
  const bool mixing = request.mixes_currencies();
  Page page(request, texts, mixing);
  // Position, texts and rows of one moment: a text that comes after it is in no row of the answer.
  auto locate = [&] {
    result.position = source.position();
    result.last_change = source.gold.last_change(*view);
    return gold::ReadRequest{*view,
                             request.filters(source.dictionary),
                             request.groups,
                             mixing ? std::nullopt : request.after,
                             request.order || mixing ? 0 : request.limit + 1,
                             [&](Column column, uint32_t word) { return texts(column, word); }};
  };
  gold::ReadEnd end = gold::Reader(source.state, source.gold).read(locate, [&](gold::Row&& row) {
    if (mixing && request.after && row.group <= *request.after) return true;
    return page.add(std::move(row));
  });
  if (mixing && end.currencies.size() > 1) return mixed_currencies();
  uint32_t currency = request.currency.value_or(end.currencies.empty() ? 0 : end.currencies[0]);
  const std::vector<gold::Row>& rows = page.finish();
  for (const gold::Row& row : rows) result.rows.push_back(values_of(request, row, currency, texts));
  if (page.more()) result.next_cursor = encode_gold_cursor(request, rows.back().group);
  if (!page.more() && end.reached) result.next_cursor = encode_gold_cursor(request, *end.reached);
  return result;
}

}  // namespace lode::query
