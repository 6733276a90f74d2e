#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/http_client.h"
#include "lodectl/shown_rows.h"
#include "lodectl/sse.h"

namespace lode::lodectl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{200}, kLongestPause{2000};

struct Options {
  std::string what = "log";
  std::vector<std::string> filters;
  int64_t from = -1;
  int64_t count = 0;
  bool once = false;
};

// The key columns of a view; none when there is no such view, which the stream itself tells better.
std::vector<std::string> keys_of(HttpClient& client, const std::string& view) {
  HttpAnswer answer = client.get("/v1/views");
  require_success(answer);
  simdjson::dom::parser parser;
  simdjson::dom::array views, keys;
  std::vector<std::string> names;
  simdjson::dom::element root = parser.parse(answer.body);
  if (root["views"].get(views) && root["rows"].get(views)) return names;
  for (simdjson::dom::element entry : views) {
    std::string_view name;
    if (entry["name"].get(name) || name != view || entry["keys"].get(keys)) continue;
    for (simdjson::dom::element key : keys) {
      std::string_view text;
      if (!key.get(text)) names.emplace_back(text);
    }
  }
  return names;
}

class Tail {
 public:
  Tail(const Context& context, const Options& options)
      : context_(context), options_(options), log_(options.what == "log"), left_(options.count) {
    if (options.from >= 0) from_ = std::to_string(options.from);
  }

  int run() {
    milliseconds pause = kFirstPause;
    for (;;) {
      std::string why;
      bool was_reached = reached_;
      reached_now_ = false;
      try {
        follow();
        why = "the server ended the stream";
      } catch (const Unreachable& lost) {
        if (!reached_ || options_.once) throw;
        why = lost.what();
      }
      if (done_ || options_.once || !std::cout.good()) return kDone;
      if (reached_now_) pause = kFirstPause;
      if (reached_now_ || !was_reached) std::cerr << "lodectl: waiting to go on: " << why << "\n";
      std::this_thread::sleep_for(pause);
      pause = std::min(pause * 2, kLongestPause);
    }
  }

 private:
  // One stream, until it ends or breaks.
  void follow() {
    HttpClient client(context_.url);
    Parameters parameters;
    if (log_) parameters.emplace_back("from", from_);
    if (!log_ && !rows_) rows_.emplace(keys_of(client, options_.what));
    if (!log_) rows_->begin();
    first_id_.reset();
    std::string path = log_ ? "/v1/log" : "/v1/gold/" + percent_encode(options_.what), refusal;
    auto event = [&](std::string_view name, std::string_view id, std::string_view data) {
      reached_ = reached_now_ = true;
      return log_ ? on_record(name, id, data) : on_row(name, id, data);
    };
    int status = client.stream(target_of(path, parameters, filters_of(options_.filters)), refusal, event);
    bool later = status == 429 || status == 503;  // it has just started, or has too many readers
    if (status != 200 && !(reached_ && later)) require_success({status, {}, refusal});
    if (status == 200) reached_ = reached_now_ = true;
  }

  bool on_record(std::string_view name, std::string_view id, std::string_view data) {
    if (name == SseReader::kComment) return true;
    // What was shown last is where the next stream begins.
    if (name == "record" || name == "gap")
      from_ = std::to_string(std::strtoull(std::string(id).c_str(), nullptr, 10) + 1);
    return print(data);
  }

  // The first reading has one id: with the next one, or a heartbeat, all rows have come.
  bool on_row(std::string_view name, std::string_view id, std::string_view data) {
    bool all_came = name == SseReader::kComment || (first_id_ && *first_id_ != id);
    if (all_came && rows_->awaits_rows()) {
      for (const std::string& key : rows_->take_gone())
        if (!print("{\"removed\":" + key + "}")) return false;
    }
    if (name == SseReader::kComment) return true;
    if (!first_id_) first_id_ = id;
    if (name == "row") return !rows_->is_news(data) || print(data);
    if (name != "removed") return print(data);
    rows_->remove(data);
    return print("{\"removed\":" + std::string(data) + "}");
  }

  bool print(std::string_view text) {
    std::cout << text << "\n" << std::flush;
    done_ = options_.count > 0 && --left_ == 0;
    return !done_ && std::cout.good();
  }

  const Context& context_;
  const Options& options_;
  const bool log_;
  int64_t left_;
  std::string from_;                     // of the log: the next offset; "" is the server's choice
  std::optional<ShownRows> rows_;        // of a view
  std::optional<std::string> first_id_;  // of this stream
  bool done_ = false;
  bool reached_ = false;      // ever: until then a server that does not answer is an error
  bool reached_now_ = false;  // by this stream
};

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
One JSON object a line, until Ctrl-C; where compaction dropped records of the log, {"gap":{"from":…,"to":…}}. A view's rows come first as they are, then each as it changes; a row that is gone
is {"removed":{its keys}}. When the connection is lost, it is made again and goes on from there: no record of the log
twice or left out, and of a view what has changed meanwhile.

Examples:
  lodectl tail
  lodectl tail log --from 0 --count 10
  lodectl tail daily_sales country=GB)");
  command->callback(
      [&context, options] { context.run = [&context, options] { return Tail(context, *options).run(); }; });
}

}  // namespace lode::lodectl
