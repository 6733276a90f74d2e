#include "bench/arguments.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

#include "generate/random.h"
#include "usage/suggestion.h"

namespace lode::bench {
namespace {

void add_server(CLI::App& app, Settings& settings) {
  app.add_option(
         "--http,--url", settings.http,
         "The server's HTTP address; several with commas: connections are spread over them, and one that "
         "breaks goes on to the next")
      ->delimiter(',')
      ->expected(1, 100)
      ->capture_default_str();
  app.add_option("--tcp", settings.tcp, "The server's TCP address, or several")
      ->delimiter(',')
      ->expected(1, 100)
      ->capture_default_str();
  app.add_option("--server-pid", settings.server_pid, "Measure this process' CPU time and memory");
  app.add_option("--data-dir", settings.data_dir, "Measure this folder's bytes on disk");
  app.add_flag("--json", settings.json, "Print JSON");
}

void add_load(CLI::App& app, Settings& settings) {
  app.add_option("--protocol", settings.protocol, "http or tcp")
      ->check(CLI::IsMember({"http", "tcp"}))
      ->capture_default_str();
  app.add_option("--format", settings.format, "json or flatbuffers (over tcp)")
      ->check(CLI::IsMember({"json", "flatbuffers"}))
      ->capture_default_str();
  app.add_option("--ack", settings.ack, "Answer when applied or when committed")
      ->check(CLI::IsMember({"applied", "committed"}))
      ->capture_default_str();
  app.add_option("--connections", settings.connections, "Each with one request at a time")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--batch", settings.batch, "Events a request")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--threads", settings.threads, "Threads of the load generator")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--rate", settings.rate, "Events a second (with --query, queries); 0: as fast as possible")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str();
  app.add_option("--seconds", settings.seconds, "How long")
      ->check(CLI::Range(0.001, 1e9))
      ->capture_default_str();
  app.add_option("--events", settings.events, "End after so many, however long it takes");
}

void add_events(CLI::App& app, Settings& settings) {
  app.add_option("--file", settings.file, "Send the lines of this NDJSON file")->check(CLI::ExistingFile);
  app.add_option("--seed", settings.seed,
                 "Which events; the same seed again is all duplicates (default: a new one)");
  app.add_option("--first", settings.first, "Number of the first generated event");
  app.add_option("--customers", settings.customers, "Of the generated events")
      ->check(CLI::Range(1, 9'999'999))
      ->capture_default_str();
  app.add_option("--skus", settings.skus, "Of the generated events")
      ->check(CLI::Range(1, 99'999))
      ->capture_default_str();
  app.add_option("--orders-per-day", settings.orders_per_day, "How fast the events' days advance")
      ->check(CLI::Range(0.001, 1e9))
      ->capture_default_str();
  app.add_option("--ids", settings.ids, "Event ids: uuid (random) or sequential")
      ->check(CLI::IsMember({"uuid", "sequential"}))
      ->capture_default_str();
  app.add_flag("--today", settings.today, "All events are of today");
}

void add_other_runs(CLI::App& app, Settings& settings) {
  app.add_option(
      "--query", settings.query,
      "Query gold by key: a shipped view, or a path with {day} {country} {currency} {sku} {customer}");
  app.add_option("--known", settings.known, "How many events of this seed the server has")
      ->capture_default_str();
  app.add_option("--background-rate", settings.background_rate, "Events a second that come in meanwhile")
      ->capture_default_str();
  app.add_option("--background-batch", settings.background_batch, "Events a request of those")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_flag("--read-your-writes", settings.read_your_writes,
               "Post an event, query until it is in gold, and so on");
  app.add_option(
      "--fsync", settings.fsync_dir,
      "Measure 4 KiB with fdatasync in this folder (no server); on a busy machine run it under chrt -f 50");
  app.footer(R"(
Latency is counted from the moment a request was due when a --rate is given, so that a stall shows in every request that it held up.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 server not reachable.

Examples:
  lode-bench --batch 1000 --connections 8 --seconds 60
  lode-bench --protocol tcp --format flatbuffers --batch 1000 --connections 4 --seconds 60 --json
  lode-bench --batch 1 --connections 64 --rate 30000 --server-pid $(pidof loded) --data-dir lode-data
  lode-bench --seed 5 --events 1000000 && lode-bench --seed 5 --query customer_insights --known 1000000 --connections 16 \
      --background-rate 10000
  lode-bench --protocol tcp --ack committed --tcp 10.0.0.1:7071,10.0.0.2:7071,10.0.0.3:7071
  lode-bench --read-your-writes --events 1000
  lode-bench --fsync lode-data)");
}

std::string without_scheme(std::string url) {
  if (url.starts_with("http://")) url.erase(0, 7);
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

void add_arguments(CLI::App& app, Settings& settings) {
  app.description("Load generator and benchmark of Lode. Drives a running loded.");
  app.set_version_flag("--version", "lode-bench " LODE_VERSION);
  add_server(app, settings);
  add_load(app, settings);
  add_events(app, settings);
  add_other_runs(app, settings);
}

std::optional<Settings> parse_arguments(int argc, const char* const* argv, int& exit) {
  Settings settings;
  CLI::App app("", "lode-bench");
  add_arguments(app, settings);
  try {
    app.parse(argc, argv);
    if (settings.format == "flatbuffers" && settings.protocol != "tcp") {
      throw CLI::ValidationError("--format", "flatbuffers goes over --protocol tcp only");
    }
  } catch (const CLI::ParseError& error) {
    exit = error.get_exit_code() == 0 ? 0 : 2;
    if (exit == 0) {
      app.exit(error);
    } else {
      std::cerr << "lode-bench: " << usage::refusal_of(app, error.what()) << "\nSee: lode-bench --help\n";
    }
    return std::nullopt;
  }
  for (std::string& address : settings.http) address = without_scheme(address);
  if (settings.seed == 0) {
    auto now = std::chrono::system_clock::now().time_since_epoch().count();
    settings.seed = generate::mix(static_cast<uint64_t>(now)) >> 32;
  }
  if (settings.events > 0 && app["--seconds"]->count() == 0) settings.seconds = 0;
  if (!settings.file.empty() && app["--seconds"]->count() == 0) settings.seconds = 0;
  return settings;
}

}  // namespace lode::bench
