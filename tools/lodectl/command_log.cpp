#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "lodectl/command.h"
#include "lodectl/rows.h"

namespace lode::lodectl {
namespace {

struct Options {
  int64_t offset = -1;
  uint64_t from = 0;
  uint64_t limit = 20;
  bool contact = false;
  std::string format = "ndjson";
};

constexpr uint64_t kMaxPage = 10'000;

// Where an answer of the log ends; an answer ends early when its records are large.
struct Page {
  uint64_t rows = 0;
  uint64_t next = 0;   // the offset behind the last row
  uint64_t after = 0;  // so many records there were from there on
};

Page read_page(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element answer;
  simdjson::dom::array rows;
  if (parser.parse(body.data(), body.size()).get(answer) || answer["rows"].get(rows))
    throw Failed("the server's answer has no rows; is it a loded of this version?");
  Page page{rows.size()};
  if (page.rows == 0) return page;
  uint64_t last = 0, end = 0;
  const simdjson::dom::element row = rows.at(page.rows - 1);
  if ((row["offset"].get(last) && row["gap"]["to"].get(last)) || answer["meta"]["as_of_offset"].get(end) ||
      end < last)
    throw Failed("the server's answer is not one of the log");
  page.next = last + 1;
  page.after = end - last;
  return page;
}

// As one answer, however many it took: the first one's meta, every one's rows.
void print_json(const std::string& body, bool first) {
  if (first) std::cout << "{\"meta\":" << member_text(body, "meta") << ",\"rows\":[";
  std::string rows = member_text(body, "rows");
  if (!first && rows.size() > 2) std::cout << ",";
  std::cout << rows.substr(1, rows.size() - 2);
}

int print_record(const Context& context, int64_t offset, const std::string& include) {
  HttpClient client(context.url);
  HttpAnswer answer = client.get(target_of("/v1/log/" + std::to_string(offset), {{"include", include}}));
  require_success(answer);
  std::cout << answer.body << "\n";
  return kDone;
}

// Asks until there are as many records as wanted, or the log ends where it ended when this began.
int log(const Context& context, const Options& options) {
  std::string include = options.contact ? "contact" : "";
  if (options.offset >= 0) return print_record(context, options.offset, include);
  HttpClient client(context.url);
  std::string format = context.json ? "json" : options.format;
  uint64_t from = options.from, left = options.limit;
  for (bool first = true; left > 0 && std::cout.good(); first = false) {
    HttpAnswer answer = client.get(target_of("/v1/log", {{"from", std::to_string(from)},
                                                         {"limit", std::to_string(std::min(left, kMaxPage))},
                                                         {"include", include}}));
    require_success(answer);
    Page page = read_page(answer.body);
    if (format == "json")
      print_json(answer.body, first);
    else
      print_page(format, answer.body, first);
    if (page.rows == 0) break;
    from = page.next;
    if (first) left = std::min(left, page.rows + page.after);
    left -= std::min(left, page.rows);
  }
  if (format == "json") std::cout << "]}\n";
  return kDone;
}

}  // namespace

void add_log(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("log", "Records of the log, as they were sent");
  auto options = std::make_shared<Options>();
  command->add_option("offset", options->offset, "One record");
  command->add_option("--from", options->from, "First offset")->capture_default_str();
  command->add_option("--limit", options->limit, "How many")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  command->add_flag("--contact", options->contact, "With contact data (email, name, phone, address)");
  command->add_option("--format", options->format, "table, csv, json or ndjson")
      ->check(CLI::IsMember({"table", "csv", "json", "ndjson"}))
      ->capture_default_str();
  command->footer(R"(
Examples:
  lodectl log --limit 5
  lodectl log 12345
  lodectl log --from 1000000 --limit 100 --json
  lodectl log truncate --before 1000000 --dry-run)");
  add_log_truncate(*command, context);
  command->callback([&context, command, options] {
    if (!command->get_subcommands().empty()) return;
    context.run = [&context, options] { return log(context, *options); };
  });
}

}  // namespace lode::lodectl
