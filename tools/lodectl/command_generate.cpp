#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>

#include "generate/json_text.h"
#include "generate/shop.h"
#include "lodectl/command.h"

namespace lode::lodectl {
namespace {

struct Options {
  generate::ShopSettings shop;
  std::string out = "-", start = "2024-01-01", format = "ndjson";
};

std::string summary(const generate::ShopCounts& n) {
  std::string out;
  generate::JsonText json(out);
  json.begin_object().truth("synthetic", true).number("events", static_cast<int64_t>(n.events));
  json.number("products", static_cast<int64_t>(n.products))
      .number("customers", static_cast<int64_t>(n.customers));
  json.number("purchases", static_cast<int64_t>(n.purchases))
      .number("revisions", static_cast<int64_t>(n.revisions));
  json.number("refunds", static_cast<int64_t>(n.refunds));
  json.number("cancellations", static_cast<int64_t>(n.cancellations));
  json.number("duplicates", static_cast<int64_t>(n.duplicates)).end_object();
  return out;
}

int generate_events(const Options& options, bool json) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(nullptr, std::fclose);
  FILE* out = stdout;
  if (options.out != "-") {
    file.reset(std::fopen(options.out.c_str(), "wb"));
    if (!file) throw Failed("can't write " + options.out + ": " + std::strerror(errno));
    out = file.get();
  }
  generate::Shop shop(options.shop);
  std::string line;
  while (shop.next(line)) {
    line += '\n';
    if (std::fwrite(line.data(), 1, line.size(), out) != line.size()) {
      if (errno == EPIPE) return kDone;  // the reader has enough
      throw Failed(std::string("can't write the events: ") + std::strerror(errno));
    }
  }
  if (std::fflush(out) != 0) throw Failed(std::string("can't write the events: ") + std::strerror(errno));
  const generate::ShopCounts& counts = shop.counts();
  if (json) {
    std::cerr << summary(counts) << "\n";
  } else {
    std::cerr << "Synthetic shop (made up, seed " << options.shop.seed << "): " << counts.events
              << " events: " << counts.purchases << " orders, " << counts.revisions << " revisions, "
              << counts.refunds << " refunds, " << counts.cancellations << " cancellations, "
              << counts.customers << " customers, " << counts.products << " products, " << counts.duplicates
              << " sent twice.\n";
  }
  return kDone;
}

}  // namespace

void add_generate(CLI::App& app, Context& context) {
  auto* command =
      app.add_subcommand("generate", "Write the events of a synthetic, made-up shop (same seed, same bytes)");
  auto options = std::make_shared<Options>();
  command->add_option("--seed", options->shop.seed, "Which shop")->capture_default_str();
  command->add_option("--orders", options->shop.orders, "How many orders")->capture_default_str();
  command->add_option("--events-out", options->out, "File, or - for standard output")->capture_default_str();
  command->add_option("--start", options->start, "First day, as 2024-01-01")->capture_default_str();
  command->add_option("--days", options->shop.days, "Days that the orders spread over")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  command->add_option("--customers", options->shop.customers, "How many customers (0: one to four orders)")
      ->capture_default_str();
  command->add_option("--skus", options->shop.skus, "How many products")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  command->add_option("--format", options->format, "Form of the events")
      ->capture_default_str()
      ->check(CLI::IsMember({"ndjson"}));
  command->add_flag("--single-line", options->shop.single_line, "One line an order");
  command->add_flag("--uuid", options->shop.uuid, "Event ids are UUIDs");
  command->footer(R"(
All of it is synthetic: no real customer, product or sale is in it. With --json the counts go to standard error as JSON.

Examples:
  lodectl generate --orders 10000 --events-out shop.ndjson
  lodectl generate --seed 7 --orders 500 --single-line --uuid | gzip > shop.ndjson.gz
  lodectl generate --orders 1000 --start 2025-06-01 --days 30 --events-out - | head)");
  command->callback([&context, options] {
    context.run = [&context, options] {
      if (!event::parse_day(options->start, options->shop.start)) {
        throw Failed("--start is not a day such as 2024-01-01: " + options->start, kUsage);
      }
      return generate_events(*options, context.json);
    };
  });
}

}  // namespace lode::lodectl
