#include "admin/comparison.h"

#include <algorithm>
#include <map>
#include <vector>

#include "admin/row_stream.h"
#include "event/json_text.h"
#include "event/money.h"

namespace lode::admin {

namespace {

constexpr size_t kExamples = 20;  // shown of a part
constexpr uint64_t kLookEvery = 1024;

std::string quoted_text(const std::optional<std::string>& text) {
  if (!text) return "null";
  std::string out;
  event::append_quoted(out, *text);
  return out;
}

// One view or table.
class Part {
 public:
  Part(std::string name, std::vector<bool> adds_up) : name_(std::move(name)), adds_up_(std::move(adds_up)) {}

  // False: the control ended it.
  bool run(RowStream old_rows, RowStream new_rows, TaskControl& control);
  bool same() const { return only_old_ + only_new_ + changed_ == 0; }
  std::string json() const;

 private:
  using Waiting = std::map<RowTexts, RowTexts>;  // rows by key whose counterpart has not come

  RowTexts key_of(const RowTexts& row) const { return {row.begin(), row.begin() + static_cast<long>(keys_)}; }
  void take(const RowTexts& row, Waiting& own, Waiting& other, bool is_old);
  void compare_rows(const RowTexts& old_row, const RowTexts& new_row);
  void add_up(const RowTexts& row, std::vector<event::Int128>& totals) const;
  std::string members(const RowTexts& row, const std::vector<size_t>& columns) const;
  void example(const char* what, const RowTexts& key, const std::string& rest);
  std::string totals_json() const;

  const std::string name_;
  const std::vector<bool> adds_up_;  // columns; empty: none is known
  std::vector<std::string> columns_;
  size_t keys_ = 0;
  uint64_t old_count_ = 0, new_count_ = 0, only_old_ = 0, only_new_ = 0, changed_ = 0;
  std::vector<event::Int128> old_totals_, new_totals_;
  std::string examples_;
  size_t example_count_ = 0;
};

bool Part::run(RowStream old_rows, RowStream new_rows, TaskControl& control) {
  columns_ = new_rows.columns();
  if (old_rows.columns() != columns_)
    throw std::runtime_error("the columns of " + name_ + " are not those that they were");
  keys_ = new_rows.key_columns();
  old_totals_.resize(columns_.size());
  new_totals_.resize(columns_.size());
  Waiting waiting_old, waiting_new;
  for (bool more = true; more;) {
    if ((old_count_ + new_count_) / 2 % kLookEvery == 0) {
      if (control.cancelled()) return false;
      control.progress({"comparing " + name_, new_count_, 0, "rows"});
    }
    auto old_row = old_rows.next();
    auto new_row = new_rows.next();
    more = old_row || new_row;
    if (old_row) ++old_count_, add_up(*old_row, old_totals_);
    if (new_row) ++new_count_, add_up(*new_row, new_totals_);
    if (old_row && new_row && *old_row == *new_row) continue;
    if (old_row) take(*old_row, waiting_old, waiting_new, true);
    if (new_row) take(*new_row, waiting_new, waiting_old, false);
  }
  std::vector<size_t> all;
  for (size_t i = keys_; i < columns_.size(); ++i) all.push_back(i);
  for (const auto& [key, row] : waiting_old)
    ++only_old_, example("only_old", key, ",\"old\":" + members(row, all));
  for (const auto& [key, row] : waiting_new)
    ++only_new_, example("only_new", key, ",\"new\":" + members(row, all));
  return true;
}

void Part::take(const RowTexts& row, Waiting& own, Waiting& other, bool is_old) {
  const RowTexts key = key_of(row);
  const auto found = other.find(key);
  if (found == other.end()) {
    own.emplace(key, row);
    return;
  }
  is_old ? compare_rows(row, found->second) : compare_rows(found->second, row);
  other.erase(found);
}

void Part::compare_rows(const RowTexts& old_row, const RowTexts& new_row) {
  std::vector<size_t> differ;
  for (size_t i = keys_; i < columns_.size(); ++i)
    if (old_row[i] != new_row[i]) differ.push_back(i);
  if (differ.empty()) return;
  ++changed_;
  example("changed", key_of(old_row),
          ",\"old\":" + members(old_row, differ) + ",\"new\":" + members(new_row, differ));
}

void Part::add_up(const RowTexts& row, std::vector<event::Int128>& totals) const {
  for (size_t i = keys_; i < adds_up_.size() && i < row.size(); ++i) {
    event::Money money;
    if (adds_up_[i] && row[i] && event::parse_money(*row[i], money) == event::MoneyParse::ok)
      totals[i] += money.micros;
  }
}

std::string Part::members(const RowTexts& row, const std::vector<size_t>& columns) const {
  std::string out = "{";
  for (const size_t i : columns)
    out += (out.size() > 1 ? "," : "") + quoted_text(columns_[i]) + ":" + quoted_text(row[i]);
  return out + "}";
}

void Part::example(const char* what, const RowTexts& key, const std::string& rest) {
  if (example_count_++ >= kExamples) return;
  std::vector<size_t> columns;
  for (size_t i = 0; i < keys_; ++i) columns.push_back(i);
  examples_ += std::string(examples_.empty() ? "" : ",") + "{\"what\":\"" + what +
               "\",\"key\":" + members(key, columns) + rest + "}";
}

std::string Part::totals_json() const {
  std::string out = "{";
  for (size_t i = keys_; i < adds_up_.size() && i < columns_.size(); ++i) {
    if (!adds_up_[i]) continue;
    out += (out.size() > 1 ? "," : "") + quoted_text(columns_[i]) + ":{\"old\":\"" +
           event::format_money(old_totals_[i], 0) + "\",\"new\":\"" + event::format_money(new_totals_[i], 0) +
           "\"}";
  }
  return out + "}";
}

std::string Part::json() const {
  return "{\"name\":" + quoted_text(name_) + ",\"rows\":{\"old\":" + std::to_string(old_count_) +
         ",\"new\":" + std::to_string(new_count_) + "},\"only_old\":" + std::to_string(only_old_) +
         ",\"only_new\":" + std::to_string(only_new_) + ",\"changed\":" + std::to_string(changed_) +
         ",\"totals\":" + totals_json() + ",\"examples\":[" + examples_ + "]}";
}

// Ratios, shares and ranks add up to nothing; days neither.
std::vector<bool> sums_of(const gold::View& view) {
  std::vector<bool> out(view.keys.size(), false);
  for (const gold::Measure& measure : view.measures) {
    if (measure.hidden) continue;
    using Type = gold::Measure::Type;
    out.push_back(measure.type == Type::sum || measure.type == Type::distinct ||
                  measure.type == Type::difference);
  }
  return out;
}

std::vector<bool> sums_of(const std::vector<std::string>& columns) {
  const std::vector<std::string> known{"line_count", "gross_sales", "returns", "fees",    "quantity",
                                       "discount",   "orders",      "seen",    "changed", "quarantined"};
  std::vector<bool> out;
  for (const std::string& column : columns)
    out.push_back(std::find(known.begin(), known.end(), column) != known.end());
  return out;
}

}  // namespace

std::string compare(const materialize::Generation& old_one, const materialize::Generation& new_one,
                    const ComparisonScope& scope, TaskControl& control) {
  std::vector<std::pair<std::string, bool>> names;  // and whether it is a view
  if (scope.tables)
    for (const char* table : {"orders", "order_lines", "customers", "products", "quarantine", "quality"})
      names.emplace_back(table, false);
  if (scope.views)
    for (const gold::View& view : new_one.gold().views())
      if (scope.view.empty() || scope.view == view.name) names.emplace_back(view.name, true);
  bool same = true;
  std::string parts;
  for (const auto& [name, is_view] : names) {
    auto stream = [view = is_view, part_name = name](const materialize::Generation& of) {
      return view ? RowStream::of_view(of, part_name) : RowStream::of_table(of, part_name);
    };
    RowStream new_rows = stream(new_one);
    Part part(name, is_view ? sums_of(*new_one.gold().find(name)) : sums_of(new_rows.columns()));
    if (!part.run(stream(old_one), std::move(new_rows), control)) return "";
    same = same && part.same();
    parts += (parts.empty() ? "" : ",") + part.json();
  }
  return std::string("{\"same\":") + (same ? "true" : "false") + ",\"parts\":[" + parts + "]}";
}

}  // namespace lode::admin
