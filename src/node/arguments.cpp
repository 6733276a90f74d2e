#include "node/arguments.h"

#include <CLI/CLI.hpp>

#include "node/version.h"
#include "query/page.h"

namespace lode::node {

namespace {

const char* kFooter =
    R"(Every key of the configuration is a flag, and an environment variable (LODE_HTTP_LISTEN).
Flags win over the environment, the environment over the file. config/loded.toml documents them.

Examples:
  loded                                       serve ./lode-data on 127.0.0.1:7070 and :7071
  loded --config /etc/lode/loded.toml         with a configuration file
  loded --data-dir /var/lib/lode --gold-time-zone Europe/Berlin
  loded --silver-fee-skus POST,DOT --check-config   check the configuration and end

Signals: SIGTERM and SIGINT end it within 5 seconds, a second one at once; SIGHUP reads the configuration again.
Exit codes: 0 ended as asked, 1 failed, 2 usage or configuration, 70 the log could not be written.)";

using What = OfflineRequest::What;

CLI::App* add_offline(CLI::App& app, Arguments& arguments, const char* name, const char* text, What what,
                      const char* examples) {
  CLI::App* command = app.add_subcommand(name, text)->fallthrough();
  command->add_flag("--json", arguments.request.json, "Print JSON");
  command->footer(std::string("\nExamples:\n") + examples);
  command->callback([&arguments, what] {
    arguments.request.what = what;
    arguments.offline = arguments.request;
  });
  return command;
}

void add_restore(CLI::App& app, Arguments& arguments) {
  OfflineRequest& request = arguments.request;
  CLI::App* restore = add_offline(
      app, arguments, "restore", "Bring a backup into --data-dir, and end", What::restore,
      "  loded --data-dir /var/lib/lode-restored restore /var/backups/lode\n"
      "  loded --data-dir /var/lib/lode-restored restore /var/backups/lode --to-time 2026-01-31T12:00:00Z");
  restore->add_option("backups", request.backups, "Folder of backups")->required();
  restore->add_option("--backup", request.backup, "Number of the backup; else the newest");
  restore->add_option("--to-offset", request.to_offset, "The record at this offset is the last one");
  restore->add_option("--to-time", request.to_time, "Records that came in until then (RFC 3339)");
  restore->add_flag("--force", request.force, "What is in the folder goes");
  restore->add_flag("--dry-run", request.dry_run, "Only say what would come of it");
}

void add_verify_and_repair(CLI::App& app, Arguments& arguments) {
  OfflineRequest& request = arguments.request;
  CLI::App* verify = add_offline(app, arguments, "verify",
                                 "Read what lies in --data-dir, say what is damaged, and end", What::verify,
                                 "  loded --data-dir /var/lib/lode verify\n"
                                 "  loded --data-dir /var/lib/lode verify --deep --json");
  verify->add_flag("--deep", request.deep, "Compare silver and gold with a recompute from the log");
  CLI::App* repair = add_offline(app, arguments, "repair",
                                 "Put in order what is damaged in --data-dir, and end", What::repair,
                                 "  loded --data-dir /var/lib/lode repair\n"
                                 "  loded --data-dir /var/lib/lode repair --from /var/backups/lode");
  repair->add_option("--from", request.backups, "Folder of backups; else other members are asked");
  repair->add_option("--backup", request.backup, "Number of the backup; else the newest");
  repair->add_flag("--deep", request.deep, "Compare silver and gold with a recompute from the log first");
  repair->add_flag("--rebuild", request.rebuild, "Make silver and gold anew whatever they are");
}

void add_keys(CLI::App& app, Arguments& arguments) {
  for (const KeyHelp& key : config_keys()) {
    const std::string flag = "--" + flag_of(key.name);
    const std::string text = key.text + " (" + key.type + "; default " + key.default_text + ")";
    if (key.type == "true or false") {
      app.add_flag(flag + "{true}", arguments.switches[key.name], text);
    } else {
      app.add_option_function<std::string>(
          flag,
          [&arguments, name = key.name](const std::string& value) {
            arguments.given.emplace_back(name, value);
          },
          text);
    }
  }
}

}  // namespace

Settings Arguments::flags() const {
  Settings out = given;
  for (const auto& [name, value] : switches)
    if (!value.empty()) out.emplace_back(name, value);
  return out;
}

void add_arguments(CLI::App& app, Arguments& arguments) {
  app.name("loded");
  app.description("The Lode server: takes events in, keeps silver and gold of them, answers queries.");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("loded ") + kVersion);
  app.add_option("--config", arguments.file, "TOML file")->check(CLI::ExistingFile);
  app.add_flag("--check-config", arguments.check, "Check the configuration and end");
  add_keys(app, arguments);
  add_restore(app, arguments);
  add_verify_and_repair(app, arguments);
}

std::string refusal_of(const CLI::App& app, const std::string& what) {
  const auto unknown = app.remaining(true);
  if (unknown.empty()) return what;
  const std::string word = unknown.front().substr(0, unknown.front().find('='));
  std::vector<std::string> known;
  for (const CLI::App* at : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!word.starts_with('-')) known.push_back(at->get_name());
    for (const CLI::Option* option : at->get_options())
      for (const std::string& name : option->get_lnames())
        if (word.starts_with('-') && at->parsed()) known.push_back("--" + name);
  }
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames())
      if (word.starts_with('-')) known.push_back("--" + name);
  return "unknown argument '" + word + "'; did you mean '" + query::nearest(word, known) + "'?";
}

}  // namespace lode::node
