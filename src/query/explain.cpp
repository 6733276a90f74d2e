#include "query/explain.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <shared_mutex>

#include "event/json.h"
#include "gold/reader.h"
#include "query/explain_request.h"
#include "query/explain_scan.h"
#include "query/explain_tally.h"
#include "query/gold_value.h"
#include "query/record_lookup.h"

namespace lode::query {
namespace {

using gold::Measure;

constexpr int kTries = 3;  // when an order was revised twice meanwhile

// The cell at one moment.
struct Cell {
  Position position;
  gold::KeyFilters filters;
  std::optional<gold::Row> row;  // nothing: no such row
  uint32_t currency = 0;
};

Answer<Cell> read_cell(const ExplainSource& source, const ExplainRequest& request, KeyTexts& texts,
                       Result& result) {
  const gold::View& view = request.gold.view;
  Cell cell{{}, gold::KeyFilters(static_cast<uint32_t>(view.keys.size())), std::nullopt, 0};
  auto locate = [&] {
    cell.position = source.gold.position();
    result.last_change = source.gold.gold.last_change(view);
    cell.filters = request.gold.filters(source.gold.dictionary);
    return gold::ReadRequest{
        view, cell.filters, request.gold.groups, std::nullopt, 0, [&](gold::Column column, uint32_t word) {
          return texts(column, word);
        }};
  };
  const gold::ReadEnd end =
      gold::Reader(source.gold.state, source.gold.gold).read(locate, [&](gold::Row&& row) {
        cell.row = std::move(row);
        return true;
      });
  if (request.gold.mixes_currencies() && end.currencies.size() > 1) return mixed_currencies();
  cell.currency = request.gold.currency.value_or(end.currencies.empty() ? 0 : end.currencies[0]);
  return cell;
}

// A later page goes on at the offset of the first one.
Answer<Cell> go_on(const ExplainSource& source, const ExplainRequest& request) {
  std::shared_lock lock(source.gold.state.mutex());
  Cell cell{source.gold.position(), request.gold.filters(source.gold.dictionary), std::nullopt, 0};
  lock.unlock();
  const auto offset = static_cast<int64_t>(request.after->offset);
  if (offset > cell.position.as_of_offset)
    return Failure{503,
                   {"not_caught_up", "/cursor", "this node has not applied yet what the page before saw"}};
  if (offset < cell.position.as_of_offset) {
    const auto received = RecordLookup(source.log).received_at(request.after->offset);
    cell.position = {offset, received ? received->value : cell.position.as_of_micros};
  }
  return cell;
}

bool equal(const gold::Figure& a, const gold::Figure& b) {
  return a.type == b.type && a.value == b.value && a.denominator == b.denominator;
}

// What the cell says and what its contributions come to, measure by measure. A rank is made of the measures
// that it goes by: it is as right as these.
class Check {
 public:
  Check(const gold::Plan& plan, const Cell& cell, const ExplainTally& tally)
      : plan_(plan), cell_(cell), tally_(tally) {
    explained_ = tally.figures();
    shown_ = cell.row ? cell.row->figures : figures_of(plan, gold::Total(plan.cells));
    if (!cell.row) {
      for (uint32_t i = 0; i < explained_.size(); ++i) {
        if (plan.view->measures[i].type == Measure::Type::share) shown_[i] = explained_[i];
      }
    }
  }

  bool adds_up(uint32_t number) const {
    const Measure& measure = plan_.view->measures[number];
    const std::vector<uint32_t>& of = plan_.sources[number].of;
    if (measure.type == Measure::Type::rank)
      return std::all_of(of.begin(), of.end(), [&](uint32_t one) { return adds_up(one); });
    return equal(shown_[number], explained_[number]);
  }

  Part table(const ExplainRequest& request, std::string& mismatch) const {
    Part part{"measures",
              {"measure", "type", "cell", "explained", "adds_up", "made_of", "numerator", "denominator"},
              {}};
    for (uint32_t i = 0; i < plan_.sources.size(); ++i) {
      const Measure& measure = plan_.view->measures[i];
      if (request.measure && request.measure != i && !is_shown(request, i)) continue;
      part.rows.push_back(row(i));
      if (!adds_up(i) && mismatch.empty())
        mismatch = "`" + measure.name + "` is " + text(part.rows.back()[2]) +
                   " in gold, and the lines behind it come to " + text(part.rows.back()[3]);
    }
    return part;
  }

 private:
  static bool is_shown(const ExplainRequest& request, uint32_t measure) {
    return std::find(request.shown.begin(), request.shown.end(), measure) != request.shown.end();
  }
  static std::string text(const Value& value) {
    if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
    if (const auto* decimal = std::get_if<Decimal>(&value)) return decimal->text;
    return text_of(value).empty() ? "nothing" : text_of(value);
  }

  std::vector<Value> row(uint32_t number) const {
    const Measure& measure = plan_.view->measures[number];
    const bool rank = measure.type == Measure::Type::rank;
    std::vector<Value> row{
        measure.name, std::string(to_string(measure.type)), figure_value(shown_[number], cell_.currency),
        rank ? Value{} : figure_value(explained_[number], cell_.currency), adds_up(number)};
    std::string of;
    for (const std::string& name : measure.of) of += (of.empty() ? "" : ",") + name;
    row.push_back(of.empty() ? Value{} : Value{of});
    row.resize(8);
    if (measure.type == Measure::Type::ratio || measure.type == Measure::Type::share)
      row[6] = figure_value(explained_[plan_.sources[number].of[0]], cell_.currency);
    if (measure.type == Measure::Type::ratio)
      row[7] = figure_value(explained_[plan_.sources[number].of[1]], cell_.currency);
    if (const auto whole = tally_.whole(number))
      row[7] = figure_value({explained_[plan_.sources[number].of[0]].type, *whole, 0}, cell_.currency);
    return row;
  }

  const gold::Plan& plan_;
  const Cell& cell_;
  const ExplainTally& tally_;
  std::vector<gold::Figure> explained_, shown_;
};

// The ids of the events that the page's rows are of: from the log, as far as it has them.
uint64_t add_event_ids(const ExplainSource& source, ExplainTally& tally,
                       const std::function<bool()>& interrupted) {
  RecordLookup records(source.log);
  event::JsonDecoder decoder(event::Limits::unlimited());
  uint64_t missing = 0, before = ~0ull;
  Value id;
  for (size_t i = 0; i < tally.rows().size() && !interrupted(); ++i) {
    const uint64_t offset = tally.records()[i];
    if (offset != before) {
      id = Value{};
      if (auto record = records.find(offset, false)) {
        const bool cloud = text_of((*record)[2]) == "cloudevents";
        event::EventBatch batch;
        if (decoder.decode_one(text_of((*record)[3]), {}, 0, batch,
                               cloud ? event::Format::cloudevents : event::Format::json))
          id = std::string(batch.events[0].event_id);
      }
      before = offset;
    }
    if (std::holds_alternative<std::monostate>(id)) ++missing;
    tally.rows()[i][ExplainTally::kEventIdColumn] = id;
  }
  return missing;
}

Part cell_part(const ExplainRequest& request, const Cell& cell, KeyTexts& texts) {
  Part part{"cell", {}, {{}}, true};
  for (size_t i = 0; i < request.gold.groups.size(); ++i) {
    const gold::Column column = request.gold.view.keys[request.gold.groups[i]];
    part.columns.emplace_back(to_string(column));
    part.rows[0].push_back(cell.row ? texts.value(column, cell.row->group[i]) : Value{});
  }
  return part;
}

Failure interrupted_failure() {
  return {503, {"interrupted", "", "the explanation was ended before it was complete"}};
}

// Nothing: an order can't be seen any more as it stood.
std::optional<Answer<Explanation>> explain_once(const ExplainSource& source, const ExplainRequest& request,
                                                const std::function<bool()>& interrupted) {
  const gold::Plan plan(request.gold.view);
  KeyTexts texts(source.gold);
  Explanation out;
  Result& result = out.result;
  auto read = request.after ? go_on(source, request) : read_cell(source, request, texts, result);
  if (auto* failure = std::get_if<Failure>(&read)) return *failure;
  const Cell& cell = std::get<Cell>(read);
  result.position = cell.position;
  result.view = plan.view->name;
  result.view_version = plan.view->version;
  result.columns = ExplainTally::columns(request);
  const uint64_t offset = static_cast<uint64_t>(cell.position.as_of_offset);

  ExplainTally tally(request, plan, cell.filters, offset);
  ExplainScan scan(source.silver, plan, source.zone, {offset, tally.scanned(), request.without_effect});
  if (cell.position.as_of_offset >= 0) {
    bool full = false;
    const ScanEnd end = scan.run(
        [&](const ScannedOrder& order, const silver::Tables& tables) {
          full = !tally.add(order, tables);
          return !full;
        },
        interrupted);
    if (end == ScanEnd::lost) return std::nullopt;
    if (end == ScanEnd::stopped && !full) return interrupted_failure();
  }
  const uint64_t missing = add_event_ids(source, tally, interrupted);
  if (interrupted()) return interrupted_failure();
  result.rows = std::move(tally.rows());
  result.next_cursor = tally.next_cursor();
  if (missing > 0) {
    result.members.emplace_back("note", std::to_string(missing) +
                                            " of these rows are of records that the log has no more: their "
                                            "event ids are not known");
  }
  if (request.after) return out;

  const Check check(plan, cell, tally);
  Part measures = check.table(request, out.mismatch);
  result.members.insert(result.members.begin(),
                        {{"adds_up", out.mismatch.empty()},
                         {"contributions", static_cast<int64_t>(tally.contributions())},
                         {"orders", static_cast<int64_t>(tally.orders())},
                         {"orders_read", static_cast<int64_t>(scan.orders())}});
  if (request.without_effect)
    result.members.emplace_back("without_effect", static_cast<int64_t>(tally.without_effect()));
  if (!out.mismatch.empty()) result.members.emplace_back("mismatch", out.mismatch);
  result.parts.push_back(cell_part(request, cell, texts));
  result.parts.push_back(std::move(measures));
  std::shared_lock lock(source.silver.state.mutex());
  result.parts.push_back(tally.by_source(source.silver.tables));
  result.parts.push_back(tally.by_rule());
  return out;
}

}  // namespace

Answer<Explanation> explain_gold(const ExplainSource& source, std::string_view name,
                                 const Parameters& parameters, const std::function<bool()>& interrupted) {
  const gold::View* view = source.gold.gold.find(name);
  if (view == nullptr) return unknown_view(source.gold.gold, name);
  auto parsed = parse_explain_request(*view, parameters, source.gold.rules_hash);
  if (auto* failure = std::get_if<Failure>(&parsed)) return *failure;
  const auto& request = std::get<ExplainRequest>(parsed);
  for (int i = 0; i < (request.after ? 1 : kTries); ++i) {
    if (auto explained = explain_once(source, request, interrupted)) return std::move(*explained);
  }
  return Failure{
      409,
      {"moved_on", request.after ? "/cursor" : "",
       "an order behind this was revised more than once meanwhile: begin again at the first page"}};
}

}  // namespace lode::query
