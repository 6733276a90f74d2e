#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "generate/json_text.h"
#include "lodectl/command.h"
#include "lodectl/http_client.h"
#include "lodectl/suggestion.h"

namespace lode::lodectl {
namespace {

constexpr const char* kFooter = R"(
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 server not reachable.

Examples:
  lodectl status
  lodectl generate --orders 10000 --events-out shop.ndjson
  lodectl import shop.ndjson
  lodectl query daily_sales day=2024-01-01..2024-01-31 country=GB --group-by day
  lodectl tail daily_sales
  lodectl COMMAND --help)";

const CLI::App* deepest(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return at;
}

std::vector<std::string> known_words(const CLI::App& app, bool options) {
  std::vector<std::string> words;
  if (!options) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
      words.push_back(command->get_name());
    }
    return words;
  }
  for (const CLI::App* at = &app; at; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
  }
  return words;
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* at = deepest(app);
  std::string text = error.what();
  for (const std::string& word : app.remaining(true)) {
    if (word == "--") continue;
    bool option = word.starts_with("-");
    std::string name = word.substr(0, word.find('='));
    text = "unknown " + std::string(option ? "option " : "word ") + name;
    std::string guess = nearest_word(name, known_words(*at, option));
    if (!guess.empty()) text += "; did you mean " + guess + "?";
    break;
  }
  std::string path;
  for (const CLI::App* name = at; name->get_parent(); name = name->get_parent())
    path = " " + name->get_name() + path;
  std::cerr << "lodectl: " << text << "\nSee: lodectl" << path << " --help\n";
  return kUsage;
}

int report(const Context& context, const std::string& text, int code) {
  if (context.json) {
    std::string out;
    generate::JsonText(out).begin_object().text("error", text).number("exit", code).end_object();
    std::cout << out << "\n";
  }
  std::cerr << "lodectl: " << text << "\n";
  return code;
}

}  // namespace

int run(int argc, const char* const* argv) {
  CLI::App app("Admin and import tool of Lode, the event-sourced storage for e-commerce.", "lodectl");
  Context context;
  const char* from_environment = std::getenv("LODE_URL");
  context.url = from_environment ? from_environment : "http://127.0.0.1:7070";
  app.footer(kFooter);
  app.fallthrough();
  app.add_option(
         "--url,--host,--server", context.url,
         "Server, as http://host:port or host:port; several with commas: the next one is asked when one is "
         "gone (also LODE_URL)")
      ->capture_default_str();
  app.add_flag("--json", context.json, "Print JSON");
  app.set_version_flag("--version", "lodectl 0.1.0");
  app.require_subcommand(0, 1);
  add_status(app, context);
  add_import(app, context);
  add_generate(app, context);
  add_query(app, context);
  add_tail(app, context);
  add_log(app, context);
  add_views(app, context);
  add_quality(app, context);
  add_quarantine(app, context);
  add_explain(app, context);
  add_cluster(app, context);
  add_ruleset(app, context);
  add_replay(app, context);
  add_snapshots(app, context);
  add_tasks(app, context);
  add_backup(app, context);
  add_restore(app, context);
  add_verify(app, context);
  add_repair(app, context);
  add_completion(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help or version
    return usage_error(app, error);
  }
  if (!context.run) {
    std::cerr << app.help();
    return kUsage;
  }
  try {
    return context.run();
  } catch (const Failed& failed) {
    return report(context, failed.what(), failed.exit);
  } catch (const Unreachable& unreachable) {
    return report(context, unreachable.what(), kUnreachable);
  } catch (const std::exception& error) {
    return report(context, error.what(), kFailed);
  }
}

}  // namespace lode::lodectl
