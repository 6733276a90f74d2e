#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/http_client.h"
#include "lodectl/table.h"

namespace lode::lodectl {
namespace {

std::string names(simdjson::dom::element list) {
  std::string out;
  simdjson::dom::array items;
  if (list.get(items)) return out;
  for (simdjson::dom::element item : items) {
    std::string_view name;
    if (item.get(name) && item["name"].get(name)) continue;
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

int views(const Context& context) {
  HttpClient client(context.url);
  HttpAnswer answer = client.get("/v1/views");
  require_success(answer);
  if (context.json) {
    std::cout << answer.body << "\n";
    return kDone;
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array list;
  if (parser.parse(answer.body).get(root)) throw Failed("the server's catalogue is no JSON");
  if (root.get(list) && root["views"].get(list) && root["rows"].get(list))
    throw Failed("the catalogue has no views");
  Table table{{"view", "keys", "measures"}, {}, {false, false, false}};
  for (simdjson::dom::element view : list) {
    std::string_view name;
    if (view["name"].get(name)) continue;
    simdjson::dom::element keys, measures;
    table.rows.push_back({std::string(name), view["keys"].get(keys) ? "" : names(keys),
                          view["measures"].get(measures) ? "" : names(measures)});
  }
  print_table(table, std::cout);
  return kDone;
}

}  // namespace

void add_views(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("views", "The gold views, their keys and measures");
  command->footer(R"(
Examples:
  lodectl views
  lodectl views --json)");
  command->callback([&context] { context.run = [&context] { return views(context); }; });
}

}  // namespace lode::lodectl
