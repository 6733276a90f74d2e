#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>

#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/http_client.h"
#include "lodectl/import_report.h"
#include "lodectl/import_sender.h"
#include "lodectl/interruption.h"
#include "lodectl/progress_bar.h"

namespace lode::lodectl {
namespace {

struct Options {
  std::string file, mapping;
  uint32_t batch = 1000, connections = 1, give_up_seconds = 120;
  uint64_t bad_rows = 20;
  bool quiet = false;
};

std::optional<event::Mapping> read_mapping(const Options& options) {
  if (options.mapping.empty()) return std::nullopt;
  std::ifstream file(options.mapping, std::ios::binary);
  if (!file) throw Failed("can't read the mapping " + options.mapping, kUsage);
  std::ostringstream text;
  text << file.rdbuf();
  try {
    return event::parse_mapping(text.str(), options.mapping);
  } catch (const std::runtime_error& error) {
    throw Failed(error.what(), kUsage);
  }
}

void refuse_bare_csv(const Options& options) {
  std::string name = options.file;
  for (const char* packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.resize(name.rfind('.'));
  }
  if (options.mapping.empty() && name.ends_with(".csv")) {
    throw Failed("a CSV file needs --mapping FILE, such as config/mappings/online_retail.toml", kUsage);
  }
}

int import_file(const Context& context, const Options& options) {
  refuse_bare_csv(options);
  std::optional<event::Mapping> mapping = read_mapping(options);
  SourceFile file(options.file);
  HttpClient(context.url).get("/livez");  // throws when nothing answers there

  auto start = std::chrono::steady_clock::now();
  Interruption interruption;
  ImportReport report(options.quiet ? 0 : options.bad_rows);
  std::string interrupted;
  Exit exit = kDone;
  try {
    ProgressBar bar;
    ImportSender sender({context.url, options.connections, options.give_up_seconds}, report);
    auto send = [&](ImportBatch batch) {
      sender.send(std::move(batch));
      bar.show(report.file_bytes(), file.bytes_total(), report.events());
    };
    BatchLimits limits{options.batch, 8u << 20};
    if (mapping) {
      cut_csv(file, *mapping, limits, send, [&](const BadRow& row) { report.add(row); });
    } else {
      cut_ndjson(file, limits, send);
    }
    sender.finish();
  } catch (const Unreachable& error) {
    interrupted = error.what();
    exit = kUnreachable;
  } catch (const Failed& error) {
    interrupted = error.what();
    exit = error.exit;
  }
  if (report.unnamed() > 0 && !options.quiet) {
    std::cerr << "and " << report.unnamed() << " more bad rows (--bad-rows names more of them)\n";
  }
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << (context.json ? report.json(seconds) : report.text(seconds)) << "\n";
  if (exit != kDone) {
    std::cerr << "lodectl: stopped early: " << interrupted << "\n"
              << "Run the same import again to finish it: what is already there is not taken twice.\n";
  }
  if (exit == kDone && report.bad() > 0) exit = kFailed;
  return exit;
}

}  // namespace

void add_import(CLI::App& app, Context& context) {
  auto* command =
      app.add_subcommand("import", "Load a file: NDJSON events, or CSV by a mapping; plain, gzip or zstd");
  auto options = std::make_shared<Options>();
  command->add_option("file", options->file, "The file, or - for standard input")->required();
  command->add_option("--mapping", options->mapping, "How the columns of a CSV file become events (TOML)");
  command->add_option("--batch", options->batch, "Events a request")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command
      ->add_option("--connections", options->connections,
                   "Connections at a time; more than 1 give up the file's order")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command
      ->add_option("--give-up-seconds", options->give_up_seconds,
                   "How long to go on when the server can't take a batch")
      ->capture_default_str();
  command->add_option("--bad-rows", options->bad_rows, "How many bad rows to name; the rest is counted")
      ->capture_default_str();
  command->add_flag("--quiet", options->quiet, "Count bad rows, don't list them");
  command->footer(R"(
Safe to run again, also after Ctrl-C: event ids come from the file, what is already there is not taken twice, and the
summary says how much that was. Bad rows are named with their line and the rest goes in; the exit code is then 1.

Events arrive in the file's order, and that order matters: which of two purchases of one order_id is the duplicate, and
which order made a customer `returning` or `loyal`, is decided by who comes first, not by occurred_at. Sort a file by time
before its first import. With --connections 2 or more, requests overtake each other: use it only where neither matters.

Examples:
  lodectl import shop.ndjson
  lodectl import online_retail.csv.zst --mapping config/mappings/online_retail.toml
  lodectl generate --orders 1000 | lodectl import -
  lodectl import big.ndjson.gz --give-up-seconds 600 --json)");
  command->callback(
      [&context, options] { context.run = [&context, options] { return import_file(context, *options); }; });
}

}  // namespace lode::lodectl
