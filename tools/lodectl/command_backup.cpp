#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "generate/json_text.h"
#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/table.h"
#include "lodectl/task_follow.h"

namespace lode::lodectl {
namespace {

struct Options {
  std::string dir;
  uint64_t keep = 0, backup = 0;
  bool dry_run = false, detach = false;
};

constexpr const char* kExamples = R"(
DIR is a folder on the server's disk; a path that does not begin with / is meant from here. What a backup has in common with
the ones before it is kept once, so each is whole and costs what is new. It holds the log, silver and gold of one moment; the server goes on meanwhile.

Examples:
  lodectl backup create /var/backups/lode
  lodectl backup create /var/backups/lode --keep 14
  lodectl backup list /var/backups/lode
  lodectl backup verify /var/backups/lode
  lodectl backup prune /var/backups/lode --keep 7 --dry-run
  lodectl restore /var/backups/lode --data-dir /var/lib/lode-restored)";

// A task's parameters.
class TaskJson {
 public:
  TaskJson& dir(const std::string& path) {
    json_.text("dir", std::filesystem::absolute(path).lexically_normal().string());
    return *this;
  }
  TaskJson& number(const char* name, uint64_t value) {
    if (value > 0) json_.number(name, static_cast<int64_t>(value));
    return *this;
  }
  TaskJson& flag(const char* name, bool value) {
    if (value) json_.truth(name, true);
    return *this;
  }
  std::string done() {
    json_.end_object();
    return text_;
  }

 private:
  std::string text_;
  generate::JsonText json_ = generate::JsonText(text_).begin_object();
};

std::string megabytes(std::string_view result, const char* member) {
  const double bytes = std::strtod(member_text(result, member).c_str(), nullptr);
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", bytes / 1e6);
  return text;
}

int create(const Context& context, const Options& options) {
  const std::string parameters = TaskJson().dir(options.dir).number("keep", options.keep).done();
  return run_task(context, {"backup", parameters, options.detach}, [](std::string_view result) {
    std::cout << "backup " << member_text(result, "backup") << ": records up to offset "
              << member_text(result, "last_offset") << ", " << megabytes(result, "bytes") << ", of which "
              << megabytes(result, "new_bytes") << " were new; verified\n";
  });
}

int list(const Context& context, const Options& options) {
  return run_task(context, {"backup-list", TaskJson().dir(options.dir).done()}, [](std::string_view result) {
    simdjson::dom::parser parser;
    const simdjson::dom::object found = parser.parse(result.data(), result.size());
    print_table(table_of(R"({"rows":)" + simdjson::minify(found["backups"]) + "}"), std::cout);
    for (const std::string_view bad : simdjson::dom::array(found["damaged"]))
      std::cout << "damaged: " << bad << "\n";
  });
}

int verify(const Context& context, const Options& options) {
  bool whole = true;
  const std::string parameters = TaskJson().dir(options.dir).number("backup", options.backup).done();
  const int exit =
      run_task(context, {"backup-verify", parameters, options.detach}, [&](std::string_view result) {
        simdjson::dom::parser parser;
        const simdjson::dom::object found = parser.parse(result.data(), result.size());
        for (const uint64_t id : simdjson::dom::array(found["verified"]))
          std::cout << "backup " << id << ": whole\n";
        for (const std::string_view bad : simdjson::dom::array(found["damaged"])) {
          std::cout << "damaged: " << bad << "\n";
          whole = false;
        }
      });
  return exit == kDone && !whole ? kFailed : exit;
}

int prune(const Context& context, const Options& options) {
  const std::string parameters =
      TaskJson().dir(options.dir).number("keep", options.keep).flag("dry_run", options.dry_run).done();
  return run_task(context, {"backup-prune", parameters}, [&](std::string_view result) {
    const std::string pruned = member_text(result, "pruned");
    std::cout << "backups " << (pruned == "[]" ? "none" : pruned.substr(1, pruned.size() - 2))
              << (options.dry_run ? " would go, and free " : " are gone, and freed ")
              << megabytes(result, "freed_bytes") << "\n";
  });
}

}  // namespace

void add_backup(CLI::App& app, Context& context) {
  auto* family = app.add_subcommand("backup", "Backups of a node: make, list, verify and remove them");
  family->require_subcommand(1);
  family->footer(kExamples);
  auto options = std::make_shared<Options>();
  auto add = [&](const char* name, const char* text, int (*run)(const Context&, const Options&)) {
    auto* command = family->add_subcommand(name, text);
    command->add_option("dir", options->dir, "Folder of backups")->required();
    command->footer(kExamples);
    command->callback([&context, options, run] {
      context.run = [&context, options, run] { return run(context, *options); };
    });
    return command;
  };
  auto* create_command = add("create", "Make one; only what is new is copied", create);
  create_command->add_option("--keep", options->keep, "Afterwards all but the newest so many go");
  add_detach(*create_command, options->detach);
  add("list", "Those in a folder", list);
  auto* verify_command = add("verify", "Read them whole, and say what is damaged", verify);
  verify_command->add_option("--backup", options->backup, "Only this one");
  add_detach(*verify_command, options->detach);
  auto* prune_command = add("prune", "Remove all but the newest", prune);
  prune_command->add_option("--keep", options->keep, "So many stay")->required()->check(CLI::PositiveNumber);
  prune_command->add_flag("--dry-run", options->dry_run, "Only say what would go");
}

}  // namespace lode::lodectl
