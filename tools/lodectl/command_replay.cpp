#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "generate/json_text.h"
#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/confirmation.h"
#include "lodectl/table.h"
#include "lodectl/task_follow.h"

namespace lode::lodectl {
namespace {

struct Options {
  std::string view, from, to, into;
  bool silver = false, all = false, dry_run = false, promote = false, rollback = false, drop = false;
  bool detach = false, yes = false;
  uint32_t cores = 0;
  uint64_t rate = 0;
};

void print_example(simdjson::dom::object one) {
  const std::string_view what = one["what"];
  std::cout << "    " << what << " " << simdjson::minify(one["key"]);
  simdjson::dom::element side;
  if (!one["old"].get(side)) std::cout << " old " << simdjson::minify(side);
  if (!one["new"].get(side)) std::cout << " new " << simdjson::minify(side);
  std::cout << "\n";
}

void print_part(simdjson::dom::object part) {
  const std::string_view name = part["name"];
  const uint64_t before = part["rows"]["old"], now = part["rows"]["new"], only_old = part["only_old"],
                 only_new = part["only_new"], changed = part["changed"];
  std::cout << name << ": " << before << " rows, " << now << " when built again; ";
  if (only_old + only_new + changed == 0) {
    std::cout << "the same\n";
    return;
  }
  std::cout << changed << " differ, " << only_old << " only before, " << only_new << " only now\n";
  for (auto [measure, totals] : simdjson::dom::object(part["totals"])) {
    const std::string_view was = totals["old"], is = totals["new"];
    if (was != is) std::cout << "  " << measure << ": " << was << " before, " << is << " now\n";
  }
  for (simdjson::dom::object one : simdjson::dom::array(part["examples"])) print_example(one);
}

void print_result(std::string_view json) {
  simdjson::dom::parser parser;
  const simdjson::dom::object result = parser.parse(json.data(), json.size());
  uint64_t dropped = 0;
  if (!result["dropped"].get(dropped)) {
    std::cout << dropped << " of the states beside the one that serves were removed\n";
    return;
  }
  std::cout << uint64_t(result["records"]) << " records in " << member_text(json, "seconds") << " s ("
            << member_text(json, "records_per_second") << "/s), from offset "
            << member_text(json, "from_offset") << " to " << member_text(json, "offset") << "\n";
  simdjson::dom::object comparison;
  if (!result["comparison"].get(comparison)) {
    for (simdjson::dom::object part : simdjson::dom::array(comparison["parts"])) print_part(part);
    std::cout << (bool(comparison["same"]) ? "what serves is what the log says\n"
                                           : "put it in place with: lodectl replay --promote\n");
    return;
  }
  simdjson::dom::array differs;
  std::string names;
  if (!result["differs"].get(differs))
    for (const std::string_view name : differs) names += (names.empty() ? "" : ", ") + std::string(name);
  std::cout << "it serves now; "
            << (names.empty() ? "its rows are those of before" : "other rows than before in " + names)
            << "\nback with: lodectl replay --rollback; remove the former one with: lodectl replay --drop\n";
}

void print_past(std::string_view json) {
  const std::string into = member_text(json, "into");
  std::cout << "the state at offset " << member_text(json, "offset") << " ("
            << member_text(json, "as_of_time") << ") is in " << into
            << "\nserve it with: loded --read-only --data-dir " << into
            << "\nor ask it with: lodectl query --data-dir " << into << " daily_sales\n";
}

int replay(const Context& context, const Options& options) {
  std::string parameters;
  generate::JsonText json(parameters);
  json.begin_object();
  if (!options.into.empty()) {
    json.text("to", options.to)
        .text("into", std::filesystem::absolute(options.into).lexically_normal().string());
  } else {
    const char* action = options.promote    ? "promote"
                         : options.rollback ? "rollback"
                         : options.drop     ? "drop"
                                            : "replay";
    json.text("action", action);
    if (!options.view.empty()) json.text("view", options.view);
    if (!options.from.empty()) json.text("from", options.from);
    if (options.silver) json.truth("silver", true);
    if (options.dry_run) json.truth("dry_run", true);
  }
  if (options.cores) json.number("cores", options.cores);
  if (options.rate) json.number("rate", static_cast<int64_t>(options.rate));
  json.end_object();
  if (options.drop &&
      !goes_on(context,
               "the former state, and what a dry run built, are removed from the node at " + context.url,
               options.yes, options.dry_run))
    return kDone;
  if (!options.into.empty())
    return run_task(context, {"time-travel", parameters, options.detach}, print_past);
  return run_task(context, {"replay", parameters, options.detach}, print_result);
}

constexpr const char* kReplayHelp = R"(
Silver and gold are built again from the log, beside what serves and without stopping it, and take its place in one
step; queries never see half of it. Silver and all views are one state at one record: they are built and exchanged
together, whatever is named; --view and --silver say what a dry run compares. What served before is kept until the
next replay or --drop. It is one node's: nothing goes through the log, and other nodes serve what they have.
--into makes the state of a point in the past in a folder of the server's disk.

Examples:
  lodectl replay                                   build again and put in place
  lodectl replay --dry-run                         build again, compare row by row, put nothing in place
  lodectl replay --dry-run --view daily_sales
  lodectl replay --promote                         put in place what the dry run built
  lodectl replay --rollback                        back to what served before
  lodectl replay --drop --yes
  lodectl replay --from 2011-06-01 --cores 1 --rate 100000
  lodectl replay --to 2011-01-01T00:00:00Z --into /var/lib/lode-2010)";

void add_replay_options(CLI::App& command, Options& options) {
  auto* all = command.add_flag("--all", options.all, "Silver and every view (the default)");
  auto* view = command.add_option("--view", options.view, "Compare this view alone");
  auto* silver = command.add_flag("--silver", options.silver, "Compare silver's tables alone");
  view->excludes(silver)->excludes(all);
  silver->excludes(all);
  auto* from = command.add_option("--from", options.from,
                                  "Offset or time: start at the newest kept snapshot at or before it");
  auto* dry = command.add_flag("--dry-run", options.dry_run,
                               "Build and compare, put nothing in place; with --drop, only say what goes");
  auto* promote = command.add_flag("--promote", options.promote, "Put in place what the dry run built");
  auto* rollback = command.add_flag("--rollback", options.rollback, "Put in place what served before");
  auto* drop =
      command.add_flag("--drop", options.drop, "Remove what served before, and what a dry run built");
  auto* to =
      command.add_option("--to", options.to, "Offset of the last record, or time until which they came");
  auto* into = command.add_option("--into", options.into, "Folder on the server's disk, empty or absent");
  to->needs(into)->excludes(from);
  into->needs(to);
  for (auto* one : {promote, rollback, drop, into})
    for (auto* other : {dry, promote, rollback, drop, into, view, silver, from})
      if (one != other && !(one == drop && other == dry)) one->excludes(other);
  command.add_option("--cores", options.cores, "Cores that it may use; all by default")
      ->check(CLI::Range(1, 256));
  command.add_option("--rate", options.rate, "Records a second, at most");
  command.add_flag("--yes", options.yes, "Don't ask");
  add_detach(command, options.detach);
}

int list_snapshots(const Context& context) {
  require_one_server(context);
  HttpClient client(context.url);
  const HttpAnswer answer = client.get("/v1/status");
  require_success(answer);
  simdjson::dom::parser parser;
  const simdjson::dom::array all = parser.parse(answer.body)["generations"];
  Table table{{"name", "role", "offset", "as_of_time", "made_at"}, {}, {false, false, true, false, false}};
  std::string rows;
  for (simdjson::dom::object one : all) {
    const std::string text = simdjson::minify(one);
    rows += (rows.empty() ? "" : ",") + text;
    std::vector<std::string> row;
    for (const std::string& column : table.columns) row.push_back(member_text(text, column));
    table.rows.push_back(std::move(row));
  }
  if (context.json)
    std::cout << "[" << rows << "]\n";
  else if (table.rows.empty())
    std::cout << "nothing is kept beside the state that serves\n";
  else
    print_table(table, std::cout);
  return kDone;
}

int snapshot(const Context& context, const std::string& action, const std::string& name, bool detach) {
  std::string parameters;
  generate::JsonText json(parameters);
  json.begin_object().text("action", action);
  if (!name.empty() && name != "all") json.text("name", name);
  json.end_object();
  return run_task(context, {"snapshot", parameters, detach}, [&](std::string_view result) {
    if (action == "create")
      std::cout << "a snapshot at offset " << member_text(result, "offset") << " is kept\n";
    else
      std::cout << member_text(result, "dropped") << " snapshots are dropped\n";
  });
}

constexpr const char* kSnapshotsHelp = R"(
A replay may start at a kept snapshot instead of the log's beginning. Retention keeps one by itself before it drops the
log's beginning. A snapshot takes disk as the state goes on changing behind it.

Examples:
  lodectl snapshots list
  lodectl snapshots create
  lodectl snapshots drop snapshot.7 --dry-run
  lodectl snapshots drop all)";

}  // namespace

void add_replay(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("replay", "Build silver and gold from the log again, without downtime");
  auto options = std::make_shared<Options>();
  add_replay_options(*command, *options);
  command->footer(kReplayHelp);
  command->callback(
      [&context, options] { context.run = [&context, options] { return replay(context, *options); }; });
}

void add_snapshots(CLI::App& app, Context& context) {
  auto* family = app.add_subcommand("snapshots", "Kept states, from which a replay may start");
  family->require_subcommand(1);
  family->footer(kSnapshotsHelp);
  auto name = std::make_shared<std::string>();
  auto* list = family->add_subcommand("list", "What is kept beside the state that serves");
  list->footer(kSnapshotsHelp);
  list->callback([&context] { context.run = [&context] { return list_snapshots(context); }; });
  auto* create = family->add_subcommand("create", "Keep one of now");
  auto detach = std::make_shared<bool>(false);
  add_detach(*create, *detach);
  create->footer(kSnapshotsHelp);
  create->callback([&context, detach] {
    context.run = [&context, detach] { return snapshot(context, "create", "", *detach); };
  });
  auto* drop = family->add_subcommand("drop", "Drop one, or all");
  auto dry_run = std::make_shared<bool>(false);
  drop->add_flag("--dry-run", *dry_run, "Only say which would go");
  drop->add_option("name", *name, "As list shows it, or all")->required();
  drop->footer(kSnapshotsHelp);
  drop->callback([&context, name, dry_run] {
    context.run = [&context, name, dry_run] {
      if (*dry_run)
        return int{goes_on(context, *name == "all" ? "all snapshots go" : *name + " goes", true, true)};
      return snapshot(context, "drop", *name, false);
    };
  });
}

}  // namespace lode::lodectl
