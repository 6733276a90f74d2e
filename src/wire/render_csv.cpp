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
};

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
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ',';
      append_cell(out, std::visit(CellText{}, row[i]));
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace lode::wire
