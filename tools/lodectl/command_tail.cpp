#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/http_client.h"

namespace lode::lodectl {
namespace {

struct Options {
  std::string what = "log";
  std::vector<std::string> filters;
  int64_t from = -1;
  int64_t count = 0;
  bool once = false;
};

int tail(const Context& context, const Options& options) {
  bool log = options.what == "log";
  int64_t left = options.count;
  std::string last_id, from = options.from >= 0 ? std::to_string(options.from) : "";
  for (;;) {
    Parameters parameters;
    if (log) parameters.emplace_back("from", from);
    std::string path = log ? "/v1/log" : "/v1/gold/" + percent_encode(options.what);
    HttpClient client(context.url);
    std::string refusal;
    bool done = false;
    int status = client.stream(target_of(path, parameters, filters_of(options.filters)), refusal,
                               [&](std::string_view, std::string_view id, std::string_view data) {
                                 std::cout << data << "\n" << std::flush;
                                 last_id = id;
                                 done = options.count > 0 && --left == 0;
                                 return !done && std::cout.good();
                               });
    if (status != 200) require_success({status, {}, refusal});
    if (done || options.once || !std::cout.good()) return kDone;
    // The server ended the stream: go on behind the last record that was shown.
    if (log && !last_id.empty()) from = std::to_string(std::strtoull(last_id.c_str(), nullptr, 10) + 1);
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace

void add_tail(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("tail", "Follow the log, or the changes of a view, as they happen");
  auto options = std::make_shared<Options>();
  command->add_option("what", options->what, "log, or a view's name")->capture_default_str();
  command->add_option("filters", options->filters, "For a view: key=value");
  command->add_option("--from", options->from, "For the log: first offset");
  command->add_option("--count", options->count, "End after so many");
  command->add_flag("--once", options->once, "End when the server ends the stream");
  command->footer(R"(
One JSON object a line, until Ctrl-C.

Examples:
  lodectl tail
  lodectl tail log --from 0 --count 10
  lodectl tail daily_sales country=GB)");
  command->callback(
      [&context, options] { context.run = [&context, options] { return tail(context, *options); }; });
}

}  // namespace lode::lodectl
