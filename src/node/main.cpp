// loded: the server.
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <map>
#include <optional>

#include "node/config.h"
#include "node/offline.h"
#include "node/serve.h"
#include "node/version.h"

extern char** environ;

namespace {

lode::node::Settings environment() {
  lode::node::Settings out;
  for (char** variable = environ; *variable; ++variable) {
    std::string_view text(*variable);
    size_t equals = text.find('=');
    if (text.starts_with("LODE_") && equals != std::string_view::npos)
      out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

const char* kFooter =
    R"(Every key of the configuration is a flag, and an environment variable (LODE_HTTP_LISTEN).
Flags win over the environment, the environment over the file. config/loded.toml documents them.

Examples:
  loded                                       serve ./lode-data on 127.0.0.1:7070 and :7071
  loded --config /etc/lode/loded.toml         with a configuration file
  loded --data-dir /var/lib/lode --gold-time-zone Europe/Berlin
  loded --silver-fee-skus POST,DOT --check-config   check the configuration and end

Exit codes: 0 ended as asked, 1 failed, 2 usage or configuration.)";

// Left alone, glibc raises both bounds to what the largest buffer ever let go of had, up to 32 and 64 MiB,
// and each thread's arena keeps that much. The bodies of usual batches are below the first one, and are used
// again.
void set_allocator_bounds() {
  mallopt(M_MMAP_THRESHOLD, 512 << 10);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

// What is done with a folder that nobody serves; the flags of the configuration hold for it, too.
void add_offline(CLI::App& app, lode::node::OfflineRequest& request,
                 std::optional<lode::node::OfflineRequest>& chosen) {
  using What = lode::node::OfflineRequest::What;
  auto add = [&](const char* name, const char* text, What what) {
    CLI::App* command = app.add_subcommand(name, text)->fallthrough();
    command->add_flag("--json", request.json, "Print JSON");
    command->callback([&request, &chosen, what] {
      request.what = what;
      chosen = request;
    });
    return command;
  };
  CLI::App* restore = add("restore", "Bring a backup into --data-dir, and end", What::restore);
  restore->add_option("backups", request.backups, "Folder of backups")->required();
  restore->add_option("--backup", request.backup, "Number of the backup; else the newest");
  restore->add_option("--to-offset", request.to_offset, "The record at this offset is the last one");
  restore->add_option("--to-time", request.to_time, "Records that came in until then (RFC 3339)");
  restore->add_flag("--force", request.force, "What is in the folder goes");
  CLI::App* verify =
      add("verify", "Read what lies in --data-dir, say what is damaged, and end", What::verify);
  verify->add_flag("--deep", request.deep, "Compare silver and gold with a recompute from the log");
  CLI::App* repair = add("repair", "Put in order what is damaged in --data-dir, and end", What::repair);
  repair->add_option("--from", request.backups, "Folder of backups; else other members are asked");
  repair->add_option("--backup", request.backup, "Number of the backup; else the newest");
  repair->add_flag("--deep", request.deep, "Compare silver and gold with a recompute from the log first");
  repair->add_flag("--rebuild", request.rebuild, "Make silver and gold anew whatever they are");
}

}  // namespace

int main(int argc, char** argv) {
  set_allocator_bounds();
  CLI::App app{"loded " + std::string(lode::node::kVersion) + ": the Lode server"};
  app.footer(kFooter);
  app.set_version_flag("--version", lode::node::kVersion);
  std::string file;
  bool check = false;
  app.add_option("--config", file, "TOML file")->check(CLI::ExistingFile);
  app.add_flag("--check-config", check, "Check the configuration and end");
  lode::node::Settings flags;
  std::map<std::string, std::string> switches;  // by key; "" when not given
  for (const auto& key : lode::node::config_keys()) {
    std::string name = key.name, flag = "--" + lode::node::flag_of(name);
    std::string text = key.text + " (" + key.type + "; default " + key.default_text + ")";
    auto take = [&flags, name](const std::string& value) { flags.emplace_back(name, value); };
    if (key.type == "true or false")
      app.add_flag(flag + "{true}", switches[name], text);
    else
      app.add_option_function<std::string>(flag, take, text);
  }
  std::optional<lode::node::OfflineRequest> offline;
  lode::node::OfflineRequest request;
  add_offline(app, request, offline);
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  for (const auto& [name, value] : switches)
    if (!value.empty()) flags.emplace_back(name, value);
  try {
    if (auto extras = app.remaining(); !extras.empty()) lode::node::reject_argument(extras.front());
    lode::node::Config config = lode::node::read_config(file, environment(), flags);
    if (check) {
      lode::node::check(config);
      std::cout << "the configuration is valid\n";
      return 0;
    }
    if (offline) return lode::node::run_offline(config, *offline);
    return lode::node::serve(config);
  } catch (const lode::node::InvalidConfig& error) {
    std::cerr << "loded: " << error.what() << "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "loded: " << error.what() << "\n";
    return 1;
  }
}
