#include "lodectl/table.h"

#include <simdjson.h>

#include <algorithm>
#include <ostream>

#include "lodectl/command.h"

namespace lode::lodectl {
namespace {

// Characters, not bytes, of UTF-8 text.
size_t width(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool looks_numeric(std::string_view text) {
  if (text.empty()) return true;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; });
}

// Control characters of data must not reach the terminal.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

std::string text_of(simdjson::dom::element value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(std::string_view(value));
  return simdjson::minify(value);
}

size_t column_of(Table& table, std::string_view name) {
  auto found = std::find(table.columns.begin(), table.columns.end(), name);
  if (found != table.columns.end()) return static_cast<size_t>(found - table.columns.begin());
  table.columns.emplace_back(name);
  return table.columns.size() - 1;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace

Table table_of(std::string_view answer_json) {
  simdjson::dom::parser parser;
  simdjson::dom::array rows;
  if (parser.parse(answer_json.data(), answer_json.size())["rows"].get(rows)) {
    throw Failed("the server's answer has no rows; is it a loded of this version?");
  }
  Table table;
  for (simdjson::dom::object row : rows) {
    auto& out = table.rows.emplace_back();
    for (auto [key, value] : row) {
      size_t column = column_of(table, key);
      if (out.size() <= column) out.resize(column + 1);
      out[column] = text_of(value);
    }
  }
  table.numeric.assign(table.columns.size(), true);
  for (auto& row : table.rows) {
    row.resize(table.columns.size());
    for (size_t i = 0; i < row.size(); i++) {
      if (!looks_numeric(row[i])) table.numeric[i] = false;
    }
  }
  return table;
}

void print_table(const Table& table, std::ostream& out) {
  std::vector<size_t> widths;
  for (const std::string& name : table.columns) widths.push_back(width(name));
  for (const auto& row : table.rows) {
    for (size_t i = 0; i < row.size(); i++) widths[i] = std::max(widths[i], width(row[i]));
  }
  auto print_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); i++) {
      std::string pad(widths[i] - width(row[i]), ' ');
      if (i > 0) line += "  ";
      line += table.numeric[i] ? pad + printable(row[i]) : printable(row[i]) + pad;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
  };
  print_row(table.columns);
  for (const auto& row : table.rows) print_row(row);
}

void print_csv(const Table& table, bool header, std::ostream& out) {
  auto print_row = [&](const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); i++) out << (i > 0 ? "," : "") << csv_field(row[i]);
    out << "\r\n";
  };
  if (header) print_row(table.columns);
  for (const auto& row : table.rows) print_row(row);
}

}  // namespace lode::lodectl
