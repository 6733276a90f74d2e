#include <CLI/CLI.hpp>
#include <memory>

#include "lodectl/command.h"
#include "lodectl/server_program.h"

namespace lode::lodectl {
namespace {

struct Options {
  std::string backups, data_dir, config, backup, to_offset, to_time, node;
  bool force = false, dry_run = false;
};

int restore(const Context& context, const Options& options) {
  std::vector<std::string> words{"restore", options.backups, "--data-dir", options.data_dir};
  auto add = [&](const char* flag, const std::string& value) {
    if (value.empty()) return;
    words.emplace_back(flag);
    words.push_back(value);
  };
  add("--config", options.config);
  add("--cluster-id", options.node);
  add("--backup", options.backup);
  add("--to-offset", options.to_offset);
  add("--to-time", options.to_time);
  if (options.force) words.emplace_back("--force");
  if (options.dry_run) words.emplace_back("--dry-run");
  if (context.json) words.emplace_back("--json");
  become_server_program(words);
}

}  // namespace

void add_restore(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("restore", "Bring a backup into a folder, for a server to begin with");
  auto options = std::make_shared<Options>();
  command->add_option("dir", options->backups, "Folder of backups")->required();
  command->add_option("--data-dir", options->data_dir, "Where to; empty, unless --force")->required();
  command->add_option("--backup", options->backup, "Number of the backup; else the newest");
  command->add_option("--to-offset", options->to_offset,
                      "The record at this offset is the last one that stays");
  command->add_option("--to-time", options->to_time,
                      "Records that came in until then stay, 2011-12-09T12:50:00Z");
  command->add_flag("--force", options->force, "What is in the folder goes");
  command->add_flag("--dry-run", options->dry_run, "Only say what would come of it");
  command->add_option("--cluster-id", options->node, "The number that the node has from now on; else 1");
  command->add_option("--config", options->config, "Configuration of the server that is to begin with it");
  command->footer(R"(
No server is needed, and none may have the folder open. What is restored is a group of its own: a member of a cluster whose log
went back must not vote with it, so others are added to it as empty nodes, and the old ones are not started again.
Silver and gold come from the backup, or are made from the log where they would hold more than what stays.

Examples:
  lodectl restore /var/backups/lode --data-dir /var/lib/lode-restored
  lodectl restore /var/backups/lode --data-dir /var/lib/lode --force --dry-run
  lodectl restore /var/backups/lode --data-dir ./restored --to-offset 999999
  lodectl restore /var/backups/lode --data-dir ./restored --to-time 2011-12-09T12:50:00Z
  loded --data-dir ./restored)");
  command->callback(
      [&context, options] { context.run = [&context, options] { return restore(context, *options); }; });
}

}  // namespace lode::lodectl
