#include "event/time.h"
#include "wire/json_text.h"
#include "wire/render.h"

namespace lode::wire {
namespace {

// JSON as it was sent may be spread over lines; a line break in JSON is never inside a string.
void append_raw(std::string& out, const std::string& json) {
  size_t start = out.size();
  out += json;
  for (size_t i = start; i < out.size(); ++i) {
    if (out[i] == '\n' || out[i] == '\r') out[i] = ' ';
  }
}

void append_gap_json(std::string& out, const query::Gap& gap) {
  out += "{\"gap\":{\"from\":" + std::to_string(gap.from) + ",\"to\":" + std::to_string(gap.to) + "}}";
}

struct Appender {
  std::string& out;
  void operator()(std::monostate) const { out += "null"; }
  void operator()(const std::string& text) const { append_json_string(out, text); }
  void operator()(int64_t number) const { out += std::to_string(number); }
  void operator()(event::Int128 number) const { out += event::format_integer(number); }
  void operator()(const query::Decimal& decimal) const { append_json_string(out, decimal.text); }
  void operator()(bool truth) const { out += truth ? "true" : "false"; }
  void operator()(const query::RawJson& json) const {
    if (json.text.empty()) {
      out += "null";
    } else {
      append_raw(out, json.text);
    }
  }
  void operator()(const query::Gap& gap) const { append_gap_json(out, gap); }
};

// About what the rows come to: an answer of megabytes is not to be copied as it grows, and keeps no room that
// it does not fill.
size_t size_of(const query::Result& result) {
  constexpr size_t kValue = 16;  // a number, quotes, commas
  size_t row_bytes = kValue;
  for (const std::string& column : result.columns) row_bytes += column.size() + kValue;
  size_t bytes = 256 + result.rows.size() * row_bytes;
  for (const auto& row : result.rows) {
    for (const query::Value& value : row) bytes += query::text_of(value).size();
  }
  return bytes;
}

}  // namespace

void append_value_json(std::string& out, const query::Value& value) { std::visit(Appender{out}, value); }

void append_row_json(std::string& out, const std::vector<std::string>& columns,
                     const std::vector<query::Value>& row) {
  if (const query::Gap* gap = query::gap_of(row)) return append_gap_json(out, *gap);
  out += '{';
  for (size_t i = 0; i < columns.size() && i < row.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, columns[i]);
    out += ':';
    append_value_json(out, row[i]);
  }
  out += '}';
}

std::string render_meta(const query::Result& result, int64_t lag_millis) {
  bool any = result.position.as_of_offset >= 0;
  std::string out = "{\"as_of_offset\":";
  out += any ? std::to_string(result.position.as_of_offset) : "null";
  out += ",\"as_of_time\":";
  out += any ? json_string(event::format_rfc3339({result.position.as_of_micros})) : "null";
  out += ",\"lag_ms\":" + std::to_string(lag_millis);
  if (!result.view.empty()) {
    out += ",\"view\":";
    append_json_string(out, result.view);
    out += ",\"view_version\":" + std::to_string(result.view_version);
  }
  out += '}';
  return out;
}

namespace {

void append_name(std::string& out, std::string_view name) {
  out += ',';
  append_json_string(out, name);
  out += ':';
}

void append_rows(std::string& out, const std::vector<std::string>& columns,
                 const std::vector<std::vector<query::Value>>& rows) {
  out += '[';
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out += ',';
    append_row_json(out, columns, rows[i]);
  }
  out += ']';
}

}  // namespace

std::string render_json(const query::Result& result, int64_t lag_millis) {
  std::string out;
  out.reserve(size_of(result));
  out += "{\"meta\":" + render_meta(result, lag_millis);
  for (const auto& [name, value] : result.members) {
    append_name(out, name);
    append_value_json(out, value);
  }
  for (const query::Part& part : result.parts) {
    append_name(out, part.name);
    if (part.single) {
      append_row_json(out, part.columns, part.rows.at(0));
    } else {
      append_rows(out, part.columns, part.rows);
    }
  }
  append_name(out, "rows");
  append_rows(out, result.columns, result.rows);
  if (!result.next_cursor.empty()) {
    out += ",\"next_cursor\":";
    append_json_string(out, result.next_cursor);
  }
  out += "}\n";
  return out;
}

std::string render_ndjson(const query::Result& result) {
  std::string out;
  out.reserve(size_of(result));
  for (const auto& row : result.rows) {
    append_row_json(out, result.columns, row);
    out += '\n';
  }
  return out;
}

}  // namespace lode::wire
