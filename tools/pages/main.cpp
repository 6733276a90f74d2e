// lode-pages manual loded|lodectl|lode-bench|loded.toml
// lode-pages completion bash|zsh|fish loded|lodectl|lode-bench
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "bench/arguments.h"
#include "lodectl/command.h"
#include "node/arguments.h"
#include "node/version.h"
#include "pages/config_page.h"
#include "usage/completion.h"
#include "usage/manual.h"

namespace {

using lode::usage::Page;

const Page::Part kFiles{
    "FILES",
    {{"/etc/lode/loded.toml", "The configuration of the service: loded.toml(5)."},
     {"/var/lib/lode",
      "Its data. log/ is the truth; state/ is made of it, and may be deleted while it is stopped."}}};
const Page::Part kEnvironment{"ENVIRONMENT",
                              {{"LODE_URL", "Servers to ask, as --url takes them."},
                               {"NO_COLOR", "When it is set and not empty, nothing is coloured."}}};

struct Programs {
  Programs() : lodectl("", "lodectl"), bench("", "lode-bench") {
    lode::node::add_arguments(loded, arguments);
    lode::lodectl::add_commands(lodectl, context);
    lode::bench::add_arguments(bench, settings);
  }
  CLI::App& find(const std::string& name) {
    if (name == "loded") return loded;
    if (name == "lodectl") return lodectl;
    if (name == "lode-bench") return bench;
    throw std::invalid_argument("there is no program " + name);
  }

  lode::node::Arguments arguments;
  lode::lodectl::Context context;
  lode::bench::Settings settings;
  CLI::App loded, lodectl, bench;
};

Page page_of(const std::string& name) {
  if (name == "loded")
    return {
        "loded", "8", "server of Lode, the storage service for shops", {kFiles}, "lodectl(1), loded.toml(5)"};
  if (name == "lodectl")
    return {"lodectl", "1", "admin and import tool of Lode", {kEnvironment}, "loded(8), loded.toml(5)"};
  return {"lode-bench", "1", "load generator and benchmark of Lode", {}, "loded(8), lodectl(1)"};
}

int run(const std::vector<std::string>& words) {
  if (words == std::vector<std::string>{"manual", "loded.toml"}) {
    lode::pages::write_config_page(std::cout);
    return 0;
  }
  Programs programs;
  if (words.size() == 2 && words[0] == "manual") {
    lode::usage::write_manual(programs.find(words[1]), page_of(words[1]), lode::node::kVersion, std::cout);
    return 0;
  }
  if (words.size() == 3 && words[0] == "completion") {
    lode::usage::write_completion(programs.find(words[2]), words[1], std::cout);
    return 0;
  }
  std::cerr << "lode-pages: manual PROGRAM, or completion SHELL PROGRAM\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "lode-pages: " << error.what() << "\n";
    return 1;
  }
}
