#include "event/csv_orders.h"

#include <absl/time/time.h>

#include <algorithm>
#include <unordered_map>

#include "event/csv.h"
#include "event/json_text.h"
#include "event/white_space.h"

namespace lode::event {
namespace {

constexpr size_t kNone = ~size_t{0};

// The members that are JSON numbers; all others are written as strings.
bool is_integer(const MappedField& field) {
  return (field.object == "lines" && field.name == "quantity") ||
         (field.object.empty() && field.name == "revision");
}
bool is_money(const MappedField& field) {
  return field.object == "lines" && (field.name == "unit_price" || field.name == "discount");
}

// A mapped field with its column found.
struct BoundField {
  const MappedField* field;
  size_t column;  // kNone: a constant
};

struct Group {
  uint32_t row;
  uint64_t line;
  std::string head;   // the members of the event but `lines`, without the opening brace
  std::string lines;  // the elements of `lines`
};

}  // namespace

struct CsvOrders::Impl {
  Impl(const Mapping& given, uint64_t limit)
      : mapping(given), most_items(limit), id_pieces(template_pieces(given.event_id)) {
    if (!mapping.time_zone.empty()) absl::LoadTimeZone(mapping.time_zone, &zone);
  }

  void take_rows() {
    while (!fatal && reader.next(row)) {
      if (!bound) {
        bind();
      } else {
        take_row();
        ++rows;
        if (problems.size() + groups.size() > most_items) {
          fatal = Problem{"too_many_events", "",
                          "Send at most " + std::to_string(most_items) +
                              " events in one request, rows that can't be read counted."};
        }
      }
    }
  }

  void bind() {
    header.assign(row.fields.begin(), row.fields.end());
    bound = true;
    if (!row.broken.empty()) fatal = Problem{"invalid_header", "", "Line 1: " + std::string(row.broken)};
    for (const std::string& name : columns_of(mapping)) {
      if (!fatal && column(name) == kNone) {
        fatal = Problem{"invalid_header", "",
                        "Send a header with the column " + name + ", which the mapping reads."};
      }
    }
    for (const MappedField& field : mapping.fields) {
      (field.object == "lines" ? line_fields : head_fields).push_back({&field, column(field.column)});
    }
    group_column = column(mapping.group_by);
  }
  size_t column(std::string_view name) const {
    auto found = name.empty() ? header.end() : std::find(header.begin(), header.end(), name);
    return found == header.end() ? kNone : static_cast<size_t>(found - header.begin());
  }

  bool reject(std::string_view reason) {
    problems.push_back(
        {rows,
         row.line,
         {"invalid_row", "", "Line " + std::to_string(row.line) + ": " + std::string(reason)}});
    return false;
  }

  void take_row() {
    if (!row.broken.empty()) {
      reject(row.broken);
      return;
    }
    if (group_column != kNone && (row.fields[group_column].empty() || is_blank(row.fields[group_column]))) {
      reject("fill the column " + mapping.group_by + ", which says which event the row belongs to.");
      return;
    }
    // Both halves are checked before the row counts, so that a row goes in whole or not at all.
    line_text.clear();
    head_text.clear();
    if (!write_line() || !check_time()) return;
    std::string key(group_column == kNone ? std::string_view() : row.fields[group_column]);
    auto [found, is_new] = group_column == kNone ? std::pair{groups_by_key.end(), true}
                                                 : groups_by_key.try_emplace(std::move(key), groups.size());
    if (is_new) {
      if (!write_head()) {
        if (group_column != kNone) groups_by_key.erase(found);
        return;
      }
      groups.push_back({rows, row.line, head_text, {}});
    }
    if (line_fields.empty()) return;
    Group& group = is_new ? groups.back() : groups[found->second];
    if (!group.lines.empty()) group.lines += ',';
    group.lines += line_text;
  }

  std::string_view value_of(const BoundField& bound_field) const {
    return bound_field.column == kNone ? std::string_view(bound_field.field->constant)
                                       : row.fields[bound_field.column];
  }

  // Appends one member. False: the row was rejected.
  bool write_member(std::string& out, const BoundField& bound_field, std::string_view value) {
    const MappedField& field = *bound_field.field;
    int64_t integer;
    Money money;
    const std::string where = bound_field.column == kNone ? field.name : "column " + field.column;
    if (is_integer(field) && parse_integer(value, integer) != IntegerParse::ok) {
      return reject("write an integer in " + where + ".");
    }
    if (is_money(field) && parse_money(value, money) != MoneyParse::ok) {
      return reject("write a decimal number with at most 6 decimals in " + where + ".");
    }
    append_quoted(out, field.name);
    out += ':';
    if (is_integer(field)) {
      out += value;
    } else {
      append_quoted(out, value);
    }
    return true;
  }

  bool write_line() {
    if (line_fields.empty()) return true;
    line_text = "{";
    for (const BoundField& field : line_fields) {
      std::string_view value = value_of(field);
      bool required = field.field->name == "sku" || field.field->name == "quantity";
      if (value.empty() || (required && is_blank(value))) {
        if (required) return reject("fill the column " + field.field->column + ".");
        continue;
      }
      if (line_text.size() > 1) line_text += ',';
      if (!write_member(line_text, field, value)) return false;
    }
    line_text += '}';
    return true;
  }

  bool check_time() {
    for (const BoundField& field : head_fields) {
      if (!field.field->object.empty() || field.field->name != "occurred_at" || field.column == kNone)
        continue;
      std::string_view text = row.fields[field.column];
      if (text == time_text && !time.empty()) return true;
      absl::Time parsed;
      std::string error;
      if (!absl::ParseTime(mapping.time_format, {text.data(), text.size()}, zone, &parsed, &error) ||
          parsed == absl::InfiniteFuture() || parsed == absl::InfinitePast()) {
        return reject("write the time in column " + field.field->column + " as " + mapping.time_format + ".");
      }
      time_text = text;
      time = format_rfc3339({absl::ToUnixMicros(parsed)});
    }
    return true;
  }

  EventType type() const {
    for (const TypeRule& rule : mapping.type_rules) {
      if (row.fields[column(rule.column)].starts_with(rule.prefix)) return rule.type;
    }
    return mapping.type;
  }

  bool write_head() {
    std::string event_id;
    for (size_t i = 0; i < id_pieces.size(); ++i) {
      event_id += i % 2 == 0 ? std::string_view(id_pieces[i]) : row.fields[column(id_pieces[i])];
    }
    head_text += "\"event_id\":";
    append_quoted(head_text, event_id);
    head_text += ",\"type\":";
    append_quoted(head_text, to_string(type()));
    std::string_view open;
    for (const BoundField& field : head_fields) {
      std::string_view value = value_of(field);
      if (value.empty()) continue;
      const MappedField& mapped = *field.field;
      bool inside = mapped.object == open;
      if (!inside) {
        if (!open.empty()) head_text += '}';
        head_text += ',';
        append_quoted(head_text, mapped.object);
        head_text += ":{";
        open = mapped.object;
      } else {
        head_text += ',';
      }
      bool is_time = mapped.object.empty() && mapped.name == "occurred_at" && field.column != kNone;
      if (!write_member(head_text, field, is_time ? std::string_view(time) : value)) return false;
    }
    if (!open.empty()) head_text += '}';
    return true;
  }

  const Mapping& mapping;
  const uint64_t most_items;
  std::vector<std::string> id_pieces;
  absl::TimeZone zone;
  CsvReader reader;
  CsvRow row;
  bool bound = false;
  std::vector<std::string> header;
  std::vector<BoundField> head_fields, line_fields;
  size_t group_column = kNone;
  std::string time_text, time;  // the last time read, and as RFC 3339
  std::string line_text, head_text;
  std::optional<Problem> fatal;
  std::vector<RowProblem> problems;
  std::vector<Group> groups;
  std::unordered_map<std::string, size_t> groups_by_key;
  uint32_t rows = 0;
};

CsvOrders::CsvOrders(const Mapping& mapping, uint64_t most_items)
    : impl_(std::make_unique<Impl>(mapping, most_items)) {}
CsvOrders::~CsvOrders() = default;

void CsvOrders::feed(std::string_view bytes) {
  impl_->reader.feed(bytes);
  impl_->take_rows();
}
void CsvOrders::finish() {
  impl_->reader.finish();
  impl_->take_rows();
  if (!impl_->bound)
    impl_->fatal = Problem{"invalid_header", "", "Send a header line that names the columns."};
}

const std::optional<Problem>& CsvOrders::fatal() const { return impl_->fatal; }
const std::vector<RowProblem>& CsvOrders::problems() const { return impl_->problems; }
uint32_t CsvOrders::rows() const { return impl_->rows; }
size_t CsvOrders::size() const { return impl_->groups.size(); }
uint32_t CsvOrders::first_row(size_t event) const { return impl_->groups[event].row; }
uint64_t CsvOrders::first_line(size_t event) const { return impl_->groups[event].line; }

std::string CsvOrders::json(size_t event) const {
  const Group& group = impl_->groups[event];
  std::string out = "{";
  out.reserve(group.head.size() + group.lines.size() + 16);
  out += group.head;
  if (!group.lines.empty()) out.append(",\"lines\":[").append(group.lines).append("]");
  return out += '}';
}

std::optional<Problem> decode_csv(std::shared_ptr<const std::string> body, const Mapping& mapping,
                                  JsonDecoder& decoder, EventBatch& batch) {
  CsvOrders orders(mapping, decoder.limits().events_per_request);
  orders.feed(*body);
  orders.finish();
  if (orders.fatal()) return orders.fatal();
  for (size_t i = 0; i < orders.size(); ++i) {
    bool read = decoder.decode_one(batch.arena.copy(orders.json(i)), {}, orders.first_row(i), batch);
    if (read) continue;
    Problem& problem = batch.rejections.back().problem;
    problem.detail = "Line " + std::to_string(orders.first_line(i)) + ": " + problem.detail;
  }
  for (const RowProblem& problem : orders.problems()) {
    batch.rejections.push_back({problem.row, problem.problem});
    ++batch.item_count;
  }
  std::stable_sort(batch.rejections.begin(), batch.rejections.end(),
                   [](const Rejection& a, const Rejection& b) { return a.index < b.index; });
  return std::nullopt;
}

}  // namespace lode::event
