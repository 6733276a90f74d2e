#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "generate/json_text.h"
#include "lodectl/command.h"
#include "lodectl/http_client.h"
#include "usage/suggestion.h"

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

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  std::string path;
  for (const CLI::App* at = usage::deepest(app); at->get_parent(); at = at->get_parent())
    path = " " + at->get_name() + path;
  std::cerr << "lodectl: " << usage::refusal_of(app, error.what()) << "\nSee: lodectl" << path << " --help\n";
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

void add_commands(CLI::App& app, Context& context) {
  app.description("Admin and import tool of Lode, the event-sourced storage for e-commerce.");
  app.footer(kFooter);
  app.fallthrough();
  app.add_option(
         "--url,--host,--server", context.url,
         "Server, as http://host:port or host:port; several with commas: the next one is asked when one is "
         "gone (also LODE_URL)")
      ->capture_default_str();
  app.add_flag("--json", context.json, "Print JSON");
  app.set_version_flag("--version", "lodectl " LODE_VERSION);
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
  add_compact(app, context);
  add_restore(app, context);
  add_verify(app, context);
  add_repair(app, context);
  add_reload(app, context);
  add_completion(app, context);
}

int run(int argc, const char* const* argv) {
  CLI::App app("", "lodectl");
  Context context;
  if (const char* url = std::getenv("LODE_URL")) context.url = url;
  add_commands(app, context);
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
