#include "wire/reload_route.h"

#include "wire/admin_kinds.h"
#include "wire/answer_later.h"
#include "wire/command_body.h"
#include "wire/problem.h"

namespace lode::wire {
namespace {

// The body is that of a kind without a task.
const AdminKind& shape() {
  static const AdminKind kind{
      .name = "reload",
      .path = "/v1/admin/reload",
      .operation = "reload",
      .schema = "Reload",
      .summary = "Read the configuration again and take over what can change while the node serves.",
      .members = {{"dry_run", KindMember::Type::truth, "Only say what would come of it."}}};
  return kind;
}

void post_reload(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  if (!site->services.reload)
    return exchange->respond(problem_response(404, "no_configuration", "This program has no configuration."));
  Request& request = exchange->request();
  if (auto wrong = refuse_body(request, "application/json", kCommandBytes))
    return exchange->respond(std::move(*wrong));
  const auto parsed = parse_parameters(shape(), *request.body);
  if (const auto* problem = std::get_if<event::Problem>(&parsed))
    return exchange->respond(problem_response(400, *problem));
  const bool dry_run = std::get<std::string>(parsed).find("true") != std::string::npos;
  answer_later(site->pool, exchange, [site, dry_run] {
    ReloadAnswer answer = site->services.reload(dry_run);
    if (answer.status != 200)
      return problem_response(answer.status, answer.problem, answer.status == 503 ? 1 : 0);
    Response response;
    response.headers.emplace_back("Cache-Control", "no-cache");
    response.body = std::move(answer.json);
    return response;
  });
}

}  // namespace

Route reload_route() {
  const std::vector<std::string_view> json_types = {"application/json"};
  const std::vector<std::string_view> problem_types = {"application/problem+json"};
  return {
      .method = Method::post,
      .path = shape().path,
      .name = shape().operation,
      .summary = shape().summary,
      .answers = {{200, "What was taken over, and what only the next start takes.", "Reloaded", json_types},
                  {400, "The body is not what this takes: pointer says where.", "Problem", problem_types},
                  {404, "no_configuration.", "Problem", problem_types},
                  {409, "invalid_configuration: nothing has changed.", "Problem", problem_types},
                  {413, "Too large.", "Problem", problem_types},
                  {415, "Not the content type.", "Problem", problem_types},
                  {429, "Too many requests wait: see Retry-After.", "Problem", problem_types},
                  {503, "not_ready: the data folder is being opened or closed.", "Problem", problem_types}},
      .body_types = json_types,
      .body_schema = shape().schema,
      .handle = post_reload};
}

}  // namespace lode::wire
