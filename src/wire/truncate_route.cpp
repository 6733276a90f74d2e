#include "wire/truncate_route.h"

#include <simdjson.h>

#include <set>

#include "wire/command_body.h"
#include "wire/json_text.h"
#include "wire/problem.h"
#include "wire/read.h"

namespace lode::wire {
namespace {

event::Problem problem(std::string code, std::string_view member, std::string detail) {
  return {std::move(code), pointer_to(member), std::move(detail)};
}

Response render(const Truncate& asked, const TruncatedLog& truncated) {
  Response response;
  response.body = "{\"before\":" + std::to_string(asked.before) +
                  ",\"dry_run\":" + (asked.dry_run ? "true" : "false") +
                  ",\"first_offset\":" + std::to_string(truncated.first_offset) +
                  ",\"first_entry\":" + std::to_string(truncated.first_entry) +
                  ",\"dropped_entries\":" + std::to_string(truncated.dropped_entries) +
                  ",\"held_by\":" + json_string(truncated.held_by) + "}";
  return response;
}

void post_truncate(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  if (auto refused = refuse_unready(*site)) return exchange->respond(std::move(*refused));
  Request& request = exchange->request();
  if (auto refused = refuse_body(request, "application/json", kCommandBytes))
    return exchange->respond(std::move(*refused));
  auto parsed = parse_truncate(*request.body);
  if (const auto* wrong = std::get_if<event::Problem>(&parsed))
    return exchange->respond(problem_response(400, *wrong));
  const Truncate asked = std::get<Truncate>(parsed);
  bool taken = site->pool.submit([site, exchange, asked] {
    site->services.truncate_log(
        asked.before, asked.dry_run, [exchange, asked](const TruncatedLog& truncated) {
          exchange->loop()->post([exchange, response = render(asked, truncated)]() mutable {
            exchange->respond(std::move(response));
          });
        });
  });
  if (!taken) exchange->respond(too_many_reads_response());
}

}  // namespace

std::variant<Truncate, event::Problem> parse_truncate(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body.data(), body.size()).get(root))
    return event::Problem{"invalid_json", "", "Send one JSON object."};
  simdjson::dom::object object;
  if (root.get(object)) return event::Problem{"invalid_type", "", "Send a JSON object."};
  Truncate out;
  std::set<std::string_view> seen;
  for (auto [name, value] : object) {
    if (!seen.insert(name).second) return problem("invalid_value", name, "Send each member once.");
    if (name == "before") {
      if (value.get(out.before) || out.before > static_cast<uint64_t>(INT64_MAX))
        return problem("invalid_value", name, "An offset is a whole number from 0.");
    } else if (name == "dry_run") {
      if (value.get(out.dry_run)) return problem("invalid_value", name, "Send true or false.");
    } else {
      return problem("unknown_member", name, "It takes before and dry_run.");
    }
  }
  if (!seen.contains("before"))
    return problem("missing_field", "before", "Say which records stay: those from the offset \"before\" on.");
  return out;
}

Route truncate_route() {
  const std::vector<std::string_view> json_types = {"application/json"};
  const std::vector<std::string_view> problem_types = {"application/problem+json"};
  return {
      .method = Method::post,
      .path = "/v1/admin/log/truncate",
      .name = "truncateLog",
      .summary =
          "Drop the records below an offset from this node's log, as far as nobody needs them. What was "
          "made of them stays, ids too.",
      .answers = {{200, "How far it went, and what held it back.", "Truncated", json_types},
                  {400, "The body is not what this takes: pointer says where.", "Problem", problem_types},
                  {413, "Too large.", "Problem", problem_types},
                  {415, "Not the content type.", "Problem", problem_types},
                  {429, "Too many requests wait: see Retry-After.", "Problem", problem_types},
                  {503, "not_ready: the log is replayed or the state rebuilt.", "Problem", problem_types}},
      .body_types = json_types,
      .body_schema = "Truncate",
      .handle = post_truncate};
}

}  // namespace lode::wire
