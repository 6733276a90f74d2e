#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

#include "generate/json_text.h"
#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/confirmation.h"
#include "lodectl/http_client.h"
#include "lodectl/ruleset_follow.h"
#include "lodectl/view_report.h"
#include "lodectl/whole_file.h"

namespace lode::lodectl {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> names;  // files and folders; of drop: views
  bool dry_run = false, wait = true, yes = false;
};

std::vector<std::string> files_of(const std::vector<std::string>& named) {
  std::vector<std::string> files;
  for (const std::string& path : named) {
    if (path == "-" || !fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> inside;
    for (const auto& entry : fs::directory_iterator(path))
      if (entry.path().extension() == ".toml") inside.push_back(entry.path().string());
    if (inside.empty()) throw Failed(path + " has no declarations: files that end in .toml", kUsage);
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

std::string declarations_json(const std::vector<std::string>& named, bool dry_run) {
  std::string out;
  generate::JsonText json(out);
  json.begin_object().begin_array("declarations");
  for (const std::string& file : files_of(named))
    json.begin_object()
        .text("file", file == "-" ? "standard input" : file)
        .text("text", read_whole_file(file))
        .end_object();
  json.end_array();
  if (dry_run) json.truth("dry_run", true);
  json.end_object();
  return out;
}

std::string names_json(const std::vector<std::string>& names, bool dry_run) {
  std::string out;
  generate::JsonText json(out);
  json.begin_object().begin_array("views");
  for (const std::string& name : names) json.text("", name);
  json.end_array();
  if (dry_run) json.truth("dry_run", true);
  json.end_object();
  return out;
}

// Again while nobody can decide it: an election, or a change that is on its way into the log.
HttpAnswer ask(HttpClient& client, const std::string& action, const std::string& body) {
  constexpr int kTries = 50;
  constexpr auto kPause = std::chrono::milliseconds(200);
  for (int tried = 1;; ++tried) {
    HttpAnswer answer =
        client.send({"POST", "/v1/admin/views/" + action, {{"Content-Type", "application/json"}}, body});
    if (answer.status != 503 || tried == kTries || member_text(answer.body, "code") == "outcome_unknown") {
      require_success(answer);
      return answer;
    }
    std::this_thread::sleep_for(kPause);
  }
}

int change(const Context& context, const Options& options, const std::string& action,
           const std::string& body) {
  HttpClient client(context.url);
  const HttpAnswer answer = ask(client, action, body);
  const bool dry = options.dry_run || action == "check";
  const bool done = member_text(answer.body, "done") == "true";
  if (!context.json) print_view_report(answer.body, std::cout);
  std::cout.flush();
  const std::string possible = member_text(member_text(answer.body, "build"), "possible");
  if (!dry && !done && options.wait && !follow_ruleset(client, member_text(answer.body, "next_ruleset"))) {
    std::cerr << "it goes on; look at it with: lodectl views\ntake it back with: lodectl views cancel\n";
    return kFailed;
  }
  if (context.json) {
    std::cout << answer.body << "\n";
  } else if (!dry) {
    std::cout << (done || options.wait ? "it is in force\n"
                                       : "it has begun; look at it with: lodectl views\n");
  }
  return dry && possible == "false" ? kFailed : kDone;
}

int cancel(const Context& context) {
  HttpClient client(context.url);
  const HttpAnswer answer = ask(client, "cancel", "{}");
  if (context.json)
    std::cout << answer.body << "\n";
  else
    std::cout << "the change is taken back; what served goes on serving\n";
  return kDone;
}

void add_wait(CLI::App& command, Options& options) {
  command.add_flag("--wait,!--no-wait", options.wait, "Until it is in force (the default), or only begin it");
}

}  // namespace

void add_views_change(CLI::App& family, Context& context) {
  auto* check = family.add_subcommand("check", "What would change if declarations were applied");
  auto checked = std::make_shared<Options>();
  check->add_option("file", checked->names, "Declarations: files, folders of *.toml, or -")->required();
  check->footer(R"(
Says what is wrong, with file and line; or which keys and measures are new, gone, declared otherwise, whether old
queries are answered as before (additive), and what has to be built. Exit code 1 when it can't be built.

Examples:
  lodectl views check my-view.toml
  lodectl views check my-views/)");
  check->callback([&context, checked] {
    context.run = [&context, checked] {
      return change(context, *checked, "check", declarations_json(checked->names, false));
    };
  });

  auto* apply = family.add_subcommand("apply", "Add views, or change them, on all nodes at the same record");
  auto applied = std::make_shared<Options>();
  apply->add_option("file", applied->names, "Declarations: files, folders of *.toml, or -")->required();
  apply->add_flag("--dry-run", applied->dry_run, "Only say what would change");
  add_wait(*apply, *applied);
  apply->footer(R"(
They are built from the log beside those that serve, which answer until then; all that are named come into force
together, others stay as they are. Every node keeps them, whatever its files say.

Examples:
  lodectl views show daily_sales > daily_sales.toml      # change it, then
  lodectl views apply daily_sales.toml --dry-run
  lodectl views apply daily_sales.toml
  lodectl views apply my-views/ --no-wait)");
  apply->callback([&context, applied] {
    context.run = [&context, applied] {
      return change(context, *applied, "apply", declarations_json(applied->names, applied->dry_run));
    };
  });

  auto* drop = family.add_subcommand("drop", "Drop views, on all nodes at the same record");
  auto dropped = std::make_shared<Options>();
  drop->add_option("view", dropped->names, "Views")->required();
  drop->add_flag("--dry-run", dropped->dry_run, "Only say what would change");
  drop->add_flag("--yes", dropped->yes, "Don't ask");
  add_wait(*drop, *dropped);
  drop->footer(R"(
Who asks for them is answered 404 from then on. The log keeps all records: apply the declaration again and they are
back.

Examples:
  lodectl views drop channel_sales --dry-run
  lodectl views drop channel_sales --yes)");
  drop->callback([&context, dropped] {
    context.run = [&context, dropped] {
      std::string names;
      for (const std::string& name : dropped->names) names += (names.empty() ? "" : ", ") + name;
      if (!dropped->dry_run)
        confirm("who asks for " + names + " is answered 404 from then on, at " + context.url, dropped->yes);
      return change(context, *dropped, "drop", names_json(dropped->names, dropped->dry_run));
    };
  });

  auto* cancelled = family.add_subcommand("cancel", "Take back a change that is being built");
  cancelled->footer(R"(
Examples:
  lodectl views cancel)");
  cancelled->callback([&context] { context.run = [&context] { return cancel(context); }; });
}

}  // namespace lode::lodectl
