#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/http_client.h"
#include "lodectl/table.h"
#include "lodectl/task_follow.h"

namespace lode::lodectl {
namespace {

struct Options {
  std::string id;
  bool follow = false;
};

std::string text_of(simdjson::dom::element value) {
  if (value.is_null()) return "";
  return value.is_string() ? std::string(std::string_view(value)) : simdjson::minify(value);
}

std::string progress_of(simdjson::dom::object task) {
  simdjson::dom::object progress = task["progress"];
  std::string out = text_of(progress["stage"]);
  const std::string percent = text_of(progress["percent"]);
  if (!percent.empty()) out += (out.empty() ? "" : " ") + percent + " %";
  return out;
}

int list(const Context& context) {
  require_one_server(context);
  HttpClient client(context.url);
  const HttpAnswer answer = client.get("/v1/admin/tasks");
  require_success(answer);
  if (context.json) {
    std::cout << answer.body << "\n";
    return kDone;
  }
  simdjson::dom::parser parser;
  simdjson::dom::array tasks;
  if (parser.parse(answer.body)["tasks"].get(tasks)) throw Failed("the server's answer is no list of tasks");
  Table table{{"id", "state", "started_at", "ended_at", "by", "progress", "error"}, {}, {}};
  table.numeric.resize(table.columns.size(), false);
  for (simdjson::dom::object task : tasks)
    table.rows.push_back({text_of(task["id"]), text_of(task["state"]), text_of(task["started_at"]),
                          text_of(task["ended_at"]), text_of(task["started_by"]), progress_of(task),
                          text_of(task["error"])});
  if (table.rows.empty())
    std::cout << "no task has run yet\n";
  else
    print_table(table, std::cout);
  return kDone;
}

int show(const Context& context, const Options& options) {
  if (options.follow)
    return follow_task(context, options.id, [](std::string_view result) { std::cout << result << "\n"; });
  require_one_server(context);
  HttpClient client(context.url);
  const HttpAnswer answer = client.get("/v1/admin/tasks/" + percent_encode(options.id));
  require_success(answer);
  if (context.json)
    std::cout << answer.body << "\n";
  else
    print_task(answer.body);
  return kDone;
}

int cancel(const Context& context, const Options& options) {
  require_one_server(context);
  HttpClient client(context.url);
  const HttpAnswer answer = client.send({"POST",
                                         "/v1/admin/tasks/" + percent_encode(options.id) + "/cancel",
                                         {{"Content-Type", "application/json"}},
                                         "{}"});
  require_success(answer);
  if (context.json)
    std::cout << answer.body << "\n";
  else
    std::cout << "task " << options.id << " was asked to end\n";
  return kDone;
}

constexpr const char* kExamples = R"(
A task is something that takes long: a replay, a backup. It goes on when the server starts again.

Examples:
  lodectl tasks list
  lodectl tasks show replay-3
  lodectl tasks show replay-3 --follow
  lodectl tasks cancel replay-3)";

}  // namespace

void add_tasks(CLI::App& app, Context& context) {
  auto* family = app.add_subcommand("tasks", "What takes long: how far it is, and end it");
  family->require_subcommand(1);
  family->footer(kExamples);
  auto options = std::make_shared<Options>();
  auto* list_command = family->add_subcommand("list", "Those that run, and the last that ended");
  list_command->footer(kExamples);
  list_command->callback([&context] { context.run = [&context] { return list(context); }; });
  auto* show_command = family->add_subcommand("show", "One task: how far it is, or how it ended");
  show_command->add_option("id", options->id, "Such as replay-3")->required();
  show_command->add_flag("--follow", options->follow, "Until it has ended");
  show_command->footer(kExamples);
  show_command->callback(
      [&context, options] { context.run = [&context, options] { return show(context, *options); }; });
  auto* cancel_command = family->add_subcommand("cancel", "Ask one to end");
  cancel_command->add_option("id", options->id, "Such as replay-3")->required();
  cancel_command->footer(kExamples);
  cancel_command->callback(
      [&context, options] { context.run = [&context, options] { return cancel(context, *options); }; });
}

}  // namespace lode::lodectl
