#include "lodectl/quarantine_retry.h"

#include <simdjson.h>

#include <iostream>

#include "generate/json_text.h"
#include "lodectl/answer.h"
#include "lodectl/http_client.h"
#include "lodectl/table.h"
#include "lodectl/task_follow.h"
#include "lodectl/whole_file.h"

namespace lode::lodectl {
namespace {

int retry_one(const Context& context, const RetryOptions& options) {
  HttpClient client(context.url);
  const std::string body = options.event_file.empty() ? "" : read_whole_file(options.event_file);
  HttpRequest request{"POST",
                      "/v1/quarantine/" + std::to_string(options.offsets[0]) + "/retry" +
                          (options.dry_run ? "?dry_run=true" : ""),
                      {},
                      body};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  const HttpAnswer answer = client.send(request);
  require_success(answer);
  std::cout << answer.body << (answer.body.ends_with('\n') ? "" : "\n");
  const bool passed = answer.body.find("\"quarantined\"") == std::string::npos &&
                      answer.body.find("\"status\":\"rejected\"") == std::string::npos;
  return passed ? kDone : kFailed;
}

// {"/lines/0/unit_price":1.00}: what is no JSON is a string.
std::string edits_of(const std::vector<std::string>& sets) {
  std::string text;
  generate::JsonText json(text);
  json.begin_object();
  for (const std::string& set : sets) {
    const size_t equals = set.find('=');
    if (set.empty() || set[0] != '/' || equals == std::string::npos)
      throw Failed("a change is written /pointer=value, such as /lines/0/unit_price=1.00; not " + set,
                   kUsage);
    const std::string pointer = set.substr(0, equals), value = set.substr(equals + 1);
    simdjson::dom::parser parser;
    if (!value.empty() && parser.parse(value).error() == simdjson::SUCCESS) {
      json.raw(pointer, value);
    } else {
      json.text(pointer, value);
    }
  }
  json.end_object();
  return text;
}

std::string parameters_of(const RetryOptions& options) {
  std::string text;
  generate::JsonText json(text);
  json.begin_object();
  for (const auto& [name, value] : options.filters) json.text(name, value);
  std::string offsets;
  for (uint64_t offset : options.offsets) offsets += (offsets.empty() ? "" : ",") + std::to_string(offset);
  if (!offsets.empty()) json.text("offset", offsets);
  if (options.dry_run) json.truth("dry_run", true);
  if (options.rate > 0) json.number("rate", static_cast<int64_t>(options.rate));
  if (!options.sets.empty()) json.raw("set", edits_of(options.sets));
  json.end_object();
  return text;
}

void print_result(std::string_view result, bool dry_run) {
  auto count = [&](const char* name) { return member_text(result, name); };
  std::cout << count("total") << " records: " << count("passed") << (dry_run ? " would pass, " : " passed, ")
            << count("quarantined") << (dry_run ? " would be refused again, " : " are refused again, ")
            << count("rejected") << " can't be sent, " << count("missing")
            << " are not in the log any more\n";
  simdjson::dom::parser parser;
  const simdjson::dom::object answer = parser.parse(result.data(), result.size());
  for (auto [rule, times] : simdjson::dom::object(answer["rules"]))
    std::cout << "  " << rule << ": " << simdjson::minify(times) << "\n";
  const Table failures = table_of(R"({"rows":)" + simdjson::minify(answer["failures"]) + "}");
  if (!failures.rows.empty()) print_table(failures, std::cout);
}

}  // namespace

int retry_quarantined(const Context& context, const RetryOptions& options) {
  if (!options.event_file.empty() && (options.offsets.size() != 1 || !options.sets.empty()))
    throw Failed("--event goes with one offset, and not with --set", kUsage);
  if (options.offsets.empty() && options.filters.empty() && !options.all)
    throw Failed("say which: offsets, --rule, --source, --type, --occurred, --received, or --all", kUsage);
  if (options.offsets.size() == 1 && options.sets.empty() && options.filters.empty())
    return retry_one(context, options);
  bool passed = true;
  const int exit = run_task(context, {"quarantine-retry", parameters_of(options), options.detach},
                            [&](std::string_view result) {
                              print_result(result, options.dry_run);
                              for (const char* name : {"quarantined", "rejected", "missing"})
                                passed = passed && member_text(result, name) == "0";
                            });
  return exit == kDone && !passed ? kFailed : exit;
}

}  // namespace lode::lodectl
