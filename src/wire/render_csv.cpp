#include "wire/render.h"

namespace lode::wire {
namespace {

void append_cell(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

struct CellText {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(int64_t number) const { return std::to_string(number); }
  std::string operator()(event::Int128 number) const { return event::format_integer(number); }
  std::string operator()(const query::Decimal& decimal) const { return decimal.text; }
  std::string operator()(bool truth) const { return truth ? "true" : "false"; }
  std::string operator()(const query::RawJson& json) const { return json.text; }
  std::string operator()(const query::Gap& gap) const {
    std::string out;
    append_value_json(out, gap);
    return out;
  }
};

// Its first offset, and the gap where the event would be.
void append_gap(std::string& out, const std::vector<std::string>& columns, const query::Gap& gap) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += ',';
    if (columns[i] == "offset") append_cell(out, std::to_string(gap.from));
    if (columns[i] == "event") append_cell(out, CellText{}(gap));
  }
  out += "\r\n";
}

}  // namespace

std::string render_csv(const query::Result& result) {
  std::string out;
  out.reserve(256 + result.rows.size() * 128);
  for (size_t i = 0; i < result.columns.size(); ++i) {
    if (i > 0) out += ',';
    append_cell(out, result.columns[i]);
  }
  out += "\r\n";
  for (const auto& row : result.rows) {
    if (const query::Gap* gap = query::gap_of(row)) {
      append_gap(out, result.columns, *gap);
      continue;
    }
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ',';
      append_cell(out, std::visit(CellText{}, row[i]));
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace lode::wire
