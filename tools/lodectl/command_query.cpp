#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "lodectl/command.h"
#include "lodectl/past_rows.h"
#include "lodectl/rows.h"
#include "usage/suggestion.h"

namespace lode::lodectl {
namespace {

struct Options {
  std::string data_dir, what, group_by, order_by, cursor, format = "table";
  std::vector<std::string> filters;
  int limit = 0;
  int64_t min_offset = -1;
  bool all = false, silver = false;
};

const std::vector<std::string> kTables{"orders", "order_lines", "customers", "products"};

bool is_silver(const std::string& name) { return std::ranges::find(kTables, name) != kTables.end(); }

// The server was asked for a view; what was meant may be a table.
[[noreturn]] void say_nearest_table(const std::string& name, const Failed& failed) {
  const std::string table = usage::nearest_word(name, kTables);
  if (table.empty() || std::string_view(failed.what()).find("unknown_view") == std::string_view::npos)
    throw Failed(failed);
  throw Failed("there is no such view or table; did you mean `" + table + "`? (unknown_view)", failed.exit);
}

int query(const Context& context, const Options& options) {
  RowsRequest request;
  request.path = (options.silver || is_silver(options.what) ? "/v1/silver/" : "/v1/gold/") +
                 percent_encode(options.what);
  request.filters = filters_of(options.filters);
  request.parameters.emplace_back("group_by", options.group_by);
  request.parameters.emplace_back("order_by", options.order_by);
  request.parameters.emplace_back("limit", options.limit > 0 ? std::to_string(options.limit) : "");
  request.cursor = options.cursor;
  request.parameters.emplace_back("min_offset",
                                  options.min_offset >= 0 ? std::to_string(options.min_offset) : "");
  request.format = options.format;
  request.all = options.all;
  if (!options.data_dir.empty())
    return print_past_rows(context, options.data_dir, options.what, options.silver || is_silver(options.what),
                           request);
  try {
    return print_rows(context, request);
  } catch (const Failed& failed) {
    say_nearest_table(options.what, failed);
  }
}

}  // namespace

void add_query(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("query", "Rows of a gold view or a silver table");
  auto options = std::make_shared<Options>();
  command
      ->add_option("view", options->what,
                   "A view (daily_sales, …) or a silver table (orders, order_lines, customers, products)")
      ->required();
  command->add_option("filters", options->filters, "key=value, key=a,b or key=from..to");
  command->add_option("--group-by", options->group_by, "Keys to roll up to, with commas");
  command->add_option("--order-by", options->order_by, "A column; -column for the highest first");
  command->add_option("--limit", options->limit, "Rows of a page")->check(CLI::Range(1, 10'000));
  command->add_option("--cursor", options->cursor, "Where the page before ended");
  command->add_option("--min-offset", options->min_offset, "Wait until this offset is applied");
  command->add_option("--format", options->format, "table, csv, json or ndjson")
      ->check(CLI::IsMember({"table", "csv", "json", "ndjson"}))
      ->capture_default_str();
  command->add_option(
      "--data-dir", options->data_dir,
      "Ask a state of the past in this folder, without any server (lodectl replay --to --into)");
  command->add_flag("--all", options->all, "Every page");
  command->footer(R"(
Examples:
  lodectl query daily_sales day=2010-12-01 country=GB
  lodectl query daily_sales day=2010-12-01..2010-12-31 country=GB --group-by day
  lodectl query daily_product_sales day=2010-12-01 --order-by=-net_sales --limit 10
  lodectl query product_popularity customer_type=wholesale --format csv --all > popularity.csv
  lodectl query orders --limit 5 --json
  lodectl query --data-dir /var/lib/lode-2010 daily_sales country=GB)");
  command->callback(
      [&context, options] { context.run = [&context, options] { return query(context, *options); }; });
}

}  // namespace lode::lodectl
