#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "generate/json_text.h"
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

// "building 43 %, 100000/s, 3 s left"
std::string state_of(simdjson::dom::element view) {
  std::string_view state, trouble;
  simdjson::dom::object progress;
  if (view["state"].get(state)) return "serving";  // of a server that knows no other
  std::string out(state);
  if (view["progress"].get(progress)) return out;
  double percent = 0, rate = 0;
  uint64_t left = 0;
  if (!progress["trouble"].get(trouble)) return out + ", stopped: " + std::string(trouble);
  if (!progress["percent"].get(percent)) out += " " + std::to_string(static_cast<int>(percent)) + " %";
  if (!progress["per_second"].get(rate)) out += ", " + std::to_string(static_cast<uint64_t>(rate)) + "/s";
  if (!progress["seconds_left"].get(left)) out += ", " + std::to_string(left) + " s left";
  return out;
}

int list_views(const Context& context) {
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
  Table table{{"view", "state", "version", "keys", "measures"}, {}, {false, false, false, false, false}};
  for (simdjson::dom::element view : list) {
    std::string_view name;
    if (view["name"].get(name)) continue;
    simdjson::dom::element keys, measures, version;
    table.rows.push_back(
        {std::string(name), state_of(view), view["version"].get(version) ? "" : simdjson::minify(version),
         view["keys"].get(keys) ? "" : names(keys), view["measures"].get(measures) ? "" : names(measures)});
  }
  print_table(table, std::cout);
  return kDone;
}

int show(const Context& context, const std::string& view) {
  HttpClient client(context.url);
  const HttpAnswer answer = client.get("/v1/views/" + percent_encode(view));
  require_success(answer);
  if (!context.json) {
    std::cout << answer.body;
    return kDone;
  }
  std::string out;
  generate::JsonText(out).begin_object().text("name", view).text("declaration", answer.body).end_object();
  std::cout << out << "\n";
  return kDone;
}

}  // namespace

void add_views(CLI::App& app, Context& context) {
  auto* family = app.add_subcommand("views", "The gold views: what they are, and changes of them");
  family->require_subcommand(0, 1);
  auto* list = family->add_subcommand("list", "The views, their versions, and how far a change of them is");
  list->footer(R"(
serving: answered as declared. changing, dropping: answered as it was until the change is built. building: not
answered before it is built.

Examples:
  lodectl views
  lodectl views list --json)");
  list->callback([&context] { context.run = [&context] { return list_views(context); }; });

  auto* show_command = family->add_subcommand("show", "A view's declaration, as it could be applied again");
  auto view = std::make_shared<std::string>();
  show_command->add_option("view", *view, "Its name")->required();
  show_command->footer(R"(
Examples:
  lodectl views show daily_sales > daily_sales.toml)");
  show_command->callback(
      [&context, view] { context.run = [&context, view] { return show(context, *view); }; });

  add_views_change(*family, context);
  family->footer(R"(
Examples:
  lodectl views
  lodectl views show daily_sales > my-view.toml
  lodectl views check my-view.toml
  lodectl views apply my-view.toml
  lodectl views drop my_view)");
  family->callback([&context, family] {
    if (family->get_subcommands().empty()) context.run = [&context] { return list_views(context); };
  });
}

}  // namespace lode::lodectl
