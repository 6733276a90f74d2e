#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "generate/json_text.h"
#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/task_follow.h"

namespace lode::lodectl {
namespace {

struct Options {
  std::string before;
  bool dry_run = false, detach = false;
};

constexpr const char* kExamples = R"(
log: an upsert of a customer or product goes when every field that it set was set again by a newer one and no order took a
value from it. In its place readers see {"gap":{"from":…,"to":…}}; its id stays known, and a replay makes the same rows. Old
entries are brought into less room. The leader decides for all nodes; ask it. state: merges the files of silver and gold.

Examples:
  lodectl compact log --dry-run
  lodectl compact log
  lodectl compact log --before 2024-01-01
  lodectl compact log --before 1000000 --detach
  lodectl compact state)";

uint64_t number(std::string_view result, const char* member) {
  return std::strtoull(member_text(result, member).c_str(), nullptr, 10);
}

std::string bytes(std::string_view result, const char* member) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(number(result, member)) / 1e6);
  return text;
}

void print_held_by(std::string_view result) {
  if (const std::string why = member_text(result, "held_by"); !why.empty())
    std::cout << "not all that was wanted: " << why << "\n";
}

void print_log(std::string_view result, bool dry_run) {
  std::cout << "records: " << member_text(result, "dropped_records") << " of "
            << member_text(result, "upserts") << " upserts "
            << (dry_run ? "would become gaps\n" : "became gaps\n");
  std::cout << "payloads: " << bytes(result, "payload_bytes_before") << " before, "
            << bytes(result, "payload_bytes_after")
            << (dry_run ? " afterwards, as far as a sample tells" : " now");
  if (const uint64_t records = number(result, "records"); records > 0 && !dry_run) {
    char text[48];
    std::snprintf(text, sizeof text, " (%.1f bytes a record)",
                  static_cast<double>(number(result, "payload_bytes_after")) / static_cast<double>(records));
    std::cout << text;
  }
  std::cout << "\n";
  if (!dry_run)
    std::cout << "disk: " << bytes(result, "disk_bytes_before") << " before, "
              << bytes(result, "disk_bytes_after") << " now\n";
  print_held_by(result);
}

int compact_log(const Context& context, const Options& options) {
  std::string parameters;
  generate::JsonText json(parameters);
  json.begin_object();
  if (!options.before.empty()) json.text("before", options.before);
  if (options.dry_run) json.truth("dry_run", true);
  json.end_object();
  return run_task(context, {"compact-log", parameters, options.detach},
                  [&](std::string_view result) { print_log(result, options.dry_run); });
}

int compact_state(const Context& context, const Options& options) {
  return run_task(context, {"compact-state", "{}", options.detach}, [](std::string_view result) {
    std::cout << "disk: " << bytes(result, "disk_bytes_before") << " before, "
              << bytes(result, "disk_bytes_after") << " now\n";
    print_held_by(result);
  });
}

}  // namespace

void add_compact(CLI::App& app, Context& context) {
  auto* family = app.add_subcommand("compact", "Bring the log, or the state, into less room");
  family->require_subcommand(1);
  family->footer(kExamples);
  auto options = std::make_shared<Options>();
  auto* log = family->add_subcommand("log", "Drop superseded upserts, and pack old entries");
  log->add_option("--before", options->before, "Only what came before this offset or time");
  log->add_flag("--dry-run", options->dry_run, "Only say what would go, and what that gains");
  log->footer(kExamples);
  add_detach(*log, options->detach);
  log->callback(
      [&context, options] { context.run = [&context, options] { return compact_log(context, *options); }; });
  auto* state = family->add_subcommand("state", "Merge the files of silver, gold and the indexes");
  state->footer(kExamples);
  add_detach(*state, options->detach);
  state->callback([&context, options] {
    context.run = [&context, options] { return compact_state(context, *options); };
  });
}

}  // namespace lode::lodectl
