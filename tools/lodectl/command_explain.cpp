#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>

#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/http_client.h"
#include "lodectl/rows.h"
#include "lodectl/table.h"

namespace lode::lodectl {
namespace {

struct Options {
  std::string view, measure, cursor, format = "table", table, key;
  std::vector<std::string> filters;
  int limit = 0;
  int64_t min_offset = -1;
  bool all = false, without_effect = false;
};

// The member of an answer that is an array, as a table.
Table part_of(const std::string& body, const char* name) {
  simdjson::dom::parser parser;
  simdjson::dom::element rows;
  if (parser.parse(body)[name].get(rows)) return {};
  return table_of(R"({"rows":)" + simdjson::minify(rows) + "}");
}

// Without columns that say nothing, or that `drop` names.
Table without(const Table& table, const std::function<bool(const std::string& column)>& drop) {
  Table out;
  out.rows.resize(table.rows.size());
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const bool empty = std::all_of(table.rows.begin(), table.rows.end(),
                                   [i](const auto& row) { return row[i].empty() || row[i] == "[]"; });
    if (empty || drop(table.columns[i])) continue;
    out.columns.push_back(table.columns[i]);
    out.numeric.push_back(table.numeric[i]);
    for (size_t row = 0; row < table.rows.size(); ++row) out.rows[row].push_back(table.rows[row][i]);
  }
  return out;
}

void print_part(const std::string& body, const char* name) {
  const Table table = without(part_of(body, name), [](const std::string&) { return false; });
  if (table.rows.empty()) return;
  std::cout << "\n";
  print_table(table, std::cout);
}

// What stands below the lines of all pages.
void print_totals(const std::string& first) {
  std::cout << "total: " << member_text(first, "contributions") << " lines of "
            << member_text(first, "orders") << " orders";
  const std::string quiet = member_text(first, "without_effect");
  if (!quiet.empty() && quiet != "0") std::cout << "; " << quiet << " without effect";
  std::cout << "\n";
  print_part(first, "measures");
  print_part(first, "by_source");
  print_part(first, "by_rule");
  simdjson::dom::parser parser;
  simdjson::dom::element offset;
  if (!parser.parse(first).at_pointer("/meta/as_of_offset").get(offset))
    std::cout << "\nas of offset " << simdjson::minify(offset) << ": ";
  std::cout << (member_text(first, "adds_up") == "true" ? "it adds up to what gold says, in every measure\n"
                                                        : "IT DOES NOT ADD UP\n");
}

void print_lines(const std::string& body, bool every_measure) {
  const Table table = without(table_of(body), [&](const std::string& column) {
    return !every_measure && column.starts_with("adds_");
  });
  if (!table.rows.empty()) print_table(table, std::cout);
  const std::string note = member_text(body, "note");
  if (!note.empty()) std::cerr << note << "\n";
}

int explain_gold(const Context& context, const Options& options) {
  HttpClient client(context.url);
  const std::string format = context.json ? "json" : options.format;
  const Parameters filters = filters_of(options.filters);
  std::string first, cursor = options.cursor;
  for (bool more = true; more;) {
    HttpAnswer answer = client.get(
        target_of("/v1/explain/gold/" + percent_encode(options.view),
                  {{"measure", options.measure},
                   {"without_effect", options.without_effect ? "true" : ""},
                   {"limit", options.limit > 0 ? std::to_string(options.limit) : ""},
                   {"min_offset", options.min_offset >= 0 ? std::to_string(options.min_offset) : ""},
                   {"cursor", cursor}},
                  filters));
    require_success(answer);
    if (format == "table") {
      print_lines(answer.body, !options.measure.empty());
    } else {
      print_page(format, answer.body, first.empty());
    }
    cursor = member_text(answer.body, "next_cursor");
    if (first.empty()) first = std::move(answer.body);
    more = options.all && !cursor.empty();
  }
  if (format != "json" && !cursor.empty())
    std::cerr << "there are more lines: --all, or --cursor " << cursor << "\n";
  const bool whole = options.cursor.empty();  // the first page says what all of them come to
  if (format == "table" && whole) print_totals(first);
  if (!whole || member_text(first, "adds_up") == "true") return kDone;
  throw Failed("it does not add up: " + member_text(first, "mismatch") +
               "; lodectl verify --deep finds what is damaged");
}

// The row, and the records of the log that made it.
int explain_silver(const Context& context, const Options& options) {
  HttpClient client(context.url);
  const HttpAnswer answer =
      client.get("/v1/silver/" + percent_encode(options.table) + "/" +
                 percent_encode(options.key, options.table == "order_lines" ? "/" : ""));
  require_success(answer);
  simdjson::dom::parser parser;
  const simdjson::dom::object row = parser.parse(answer.body)["rows"].at(0);
  std::string records;
  for (simdjson::dom::element offset : simdjson::dom::array(row["offsets"])) {
    const HttpAnswer record = client.get("/v1/log/" + simdjson::minify(offset));
    if (!records.empty()) records += ',';
    if (record.status == 410 || record.status == 404) {
      records += R"({"offset":)" + simdjson::minify(offset) + R"(,"note":"not in the log any more"})";
      continue;
    }
    require_success(record);
    simdjson::dom::parser record_parser;
    records += simdjson::minify(simdjson::dom::element(record_parser.parse(record.body)["rows"].at(0)));
  }
  const std::string json = R"({"row":)" + simdjson::minify(row) + R"(,"records":[)" + records + "]}";
  if (context.json) {
    std::cout << json << "\n";
    return kDone;
  }
  for (auto [name, value] : row) {
    std::string_view text;
    if (value.is_null() || (!value.get(text) && text.empty())) continue;
    std::cout << name << ": " << (value.is_string() ? std::string(text) : simdjson::minify(value)) << "\n";
  }
  print_part(json, "records");
  return kDone;
}

}  // namespace

void add_explain(CLI::App& app, Context& context) {
  auto* family = app.add_subcommand("explain", "Where a number comes from: lines, orders, records and rules");
  family->require_subcommand(1);
  auto options = std::make_shared<Options>();
  auto* gold = family->add_subcommand("gold", "The lines behind a cell of a view, or a roll-up of cells");
  gold->add_option("view", options->view, "A view: daily_sales, …")->required();
  gold->add_option("filters", options->filters,
                   "key=value, key=a,b or key=from..to; keys without one are rolled up");
  gold->add_option("--measure", options->measure, "Only what counts there");
  gold->add_flag("--without-effect", options->without_effect,
                 "Also what contributes nothing (any more): cancelled orders, replaced purchases, refunds in "
                 "quarantine");
  gold->add_option("--limit", options->limit, "Lines of a page")->check(CLI::Range(1, 10'000));
  gold->add_option("--cursor", options->cursor, "Where the page before ended");
  gold->add_option("--min-offset", options->min_offset, "Wait until this offset is applied");
  gold->add_flag("--all", options->all, "Every page");
  gold->add_option("--format", options->format, "table, csv, json or ndjson")
      ->check(CLI::IsMember({"table", "csv", "json", "ndjson"}))
      ->capture_default_str();
  gold->callback(
      [&context, options] { context.run = [&context, options] { return explain_gold(context, *options); }; });
  gold->footer(R"(
All pages are of one offset, and what the totals say is of all pages. adds_NAME is what a line adds to the measure NAME; a distinct
count rises with the first line of an order or customer. Exit code 1 when the lines do not come to what gold says.

Examples:
  lodectl explain gold daily_sales day=2010-12-01 country=GB
  lodectl explain gold daily_sales day=2010-12-01 country=GB --measure net_sales --all
  lodectl explain gold daily_sales day=2010-12-01..2010-12-31 currency=GBP --without-effect
  lodectl explain gold customer_insights customer_id=17850 currency=GBP --format csv > 17850.csv)");
  auto* silver = family->add_subcommand("silver", "A row of silver, and the records that made it");
  silver->add_option("table", options->table, "orders, order_lines, customers or products")->required();
  silver->add_option("key", options->key, "The row's key; of order_lines ORDER/LINE")->required();
  silver->callback([&context, options] {
    context.run = [&context, options] { return explain_silver(context, *options); };
  });
  silver->footer(R"(
Examples:
  lodectl explain silver orders 536365
  lodectl explain silver order_lines 536365/0
  lodectl --json explain silver customers 17850)");
  family->footer(R"(
Examples:
  lodectl explain gold daily_sales day=2010-12-01 country=GB
  lodectl explain gold daily_sales day=2010-12-01 country=GB --measure net_sales --all
  lodectl explain silver orders 536365)");
}

}  // namespace lode::lodectl
