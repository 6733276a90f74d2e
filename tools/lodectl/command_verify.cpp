#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "generate/json_text.h"
#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/server_program.h"
#include "lodectl/task_follow.h"

namespace lode::lodectl {
namespace {

struct Options {
  std::string data_dir = {}, config = {}, from = {};
  bool deep = false, rebuild = false, detach = false, dry_run = false;
};

std::vector<std::string> words_of(const char* command, const Context& context, const Options& options) {
  std::vector<std::string> words{command, "--data-dir", options.data_dir};
  if (!options.config.empty()) words.insert(words.end(), {"--config", options.config});
  if (!options.from.empty()) words.insert(words.end(), {"--from", options.from});
  if (options.deep) words.emplace_back("--deep");
  if (options.rebuild) words.emplace_back("--rebuild");
  if (context.json) words.emplace_back("--json");
  return words;
}

std::string text_of(simdjson::dom::element value) {
  return value.is_string() ? std::string(std::string_view(value)) : simdjson::minify(value);
}

void print_damage(simdjson::dom::object damage) {
  std::cout << "damaged: " << text_of(damage["part"]);
  for (const auto& [member, before] :
       {std::pair{"entry", ", log entry "}, {"offset", ", offset "}, {"key", ", "}})
    if (!damage[member].is_null()) std::cout << before << text_of(damage[member]);
  std::cout << ": " << text_of(damage["what"]) << "\n";
}

// Whether all is whole.
bool print_report(std::string_view result) {
  simdjson::dom::parser parser;
  const simdjson::dom::object report = parser.parse(result.data(), result.size());
  std::cout << report["files"] << " files of " << report["bytes"] << " bytes, " << report["entries"]
            << " log entries with " << report["records"] << " records";
  if (uint64_t(report["rows"]) > 0)
    std::cout << ", " << report["rows"] << " rows compared with a recompute from the log";
  std::cout << "\n";
  for (const std::string_view one : simdjson::dom::array(report["not_looked"]))
    std::cout << "not looked at: " << one << "\n";
  const simdjson::dom::array all = report["damage"];
  for (simdjson::dom::object damage : all) print_damage(damage);
  if (all.size() == 0)
    std::cout << "whole\n";
  else
    std::cout << text_of(all.at(0)["advice"]) << "\n";
  return all.size() == 0;
}

int verify(const Context& context, const Options& options) {
  if (!options.data_dir.empty()) become_server_program(words_of("verify", context, options));
  bool whole = true;
  const std::string parameters = options.deep ? R"({"deep":true})" : "{}";
  const int exit = run_task(context, {"verify", parameters, options.detach},
                            [&](std::string_view result) { whole = print_report(result); });
  return exit == kDone && !whole ? kFailed : exit;
}

int repair(const Context& context, const Options& options) {
  if (options.dry_run) {  // what would be repaired is what is found
    return verify(context, {.data_dir = options.data_dir,
                            .config = options.config,
                            .deep = options.deep,
                            .detach = options.detach});
  }
  if (!options.data_dir.empty()) become_server_program(words_of("repair", context, options));
  std::string parameters;
  generate::JsonText json(parameters);
  json.begin_object();
  if (!options.from.empty())
    json.text("from", std::filesystem::absolute(options.from).lexically_normal().string());
  if (options.deep) json.truth("deep", true);
  if (options.rebuild) json.truth("rebuild", true);
  json.end_object();
  bool left = false;
  const int exit = run_task(context, {"repair", parameters, options.detach}, [&](std::string_view result) {
    simdjson::dom::parser parser;
    const simdjson::dom::object report = parser.parse(result.data(), result.size());
    for (const uint64_t entry : simdjson::dom::array(report["mended"]))
      std::cout << "log entry " << entry << " came from another copy\n";
    for (simdjson::dom::object one : simdjson::dom::array(report["left"])) {
      std::cout << "log entry " << one["entry"] << " is left: " << text_of(one["why"]) << "\n";
      left = true;
    }
    std::cout << "silver and gold: " << text_of(report["state"]) << "\n";
  });
  return exit == kDone && left ? kFailed : exit;
}

}  // namespace

void add_verify(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("verify", "Whether what is on the disk is what was written");
  auto options = std::make_shared<Options>();
  command->add_flag("--deep", options->deep,
                    "Make silver, gold and the ids anew from the log, and compare row by row");
  command->add_option("--data-dir", options->data_dir,
                      "A folder here that no server has open, instead of the server's");
  add_detach(*command, options->detach);
  command->footer(R"(
Reads every checksum of log and state, every record batch, and the batch index against them. Names the first record and key that
is damaged and what to do; exit code 1 then. The server goes on meanwhile, and nothing is changed.

Examples:
  lodectl verify
  lodectl verify --deep
  lodectl verify --deep --data-dir /var/lib/lode)");
  command->callback(
      [&context, options] { context.run = [&context, options] { return verify(context, *options); }; });
}

void add_repair(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("repair", "Put in order what verify finds damaged");
  auto options = std::make_shared<Options>();
  command->add_option("--from", options->from,
                      "Folder of backups to take the log's entries from; else other nodes are asked");
  command->add_flag("--deep", options->deep, "Compare silver and gold with a recompute from the log first");
  command->add_flag("--dry-run", options->dry_run, "Only say what is damaged, as verify does");
  command->add_flag("--rebuild", options->rebuild, "Make silver and gold anew whatever they are");
  command->add_option("--data-dir", options->data_dir,
                      "A folder here that no server has open, instead of the server's");
  command->add_option("--config", options->config, "Its configuration, when other nodes are to be asked");
  add_detach(*command, options->detach);
  command->footer(R"(
Damaged entries of the log come from another node of the cluster, or from a backup; an entry of another term is never taken.
With --data-dir a backup's files take the place of damaged ones, too: that is for a server that does not start any more. Silver and gold are
made anew from the log; a server that is asked is not ready meanwhile.

Examples:
  lodectl repair --dry-run
  lodectl repair
  lodectl repair --from /var/backups/lode
  lodectl repair --data-dir /var/lib/lode --from /var/backups/lode
  lodectl repair --data-dir /var/lib/lode --config /etc/lode/loded.toml)");
  command->callback(
      [&context, options] { context.run = [&context, options] { return repair(context, *options); }; });
}

}  // namespace lode::lodectl
