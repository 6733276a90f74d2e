#include "wire/admin_routes.h"

#include <algorithm>

#include "admin/tasks.h"
#include "wire/admin_kinds.h"
#include "wire/answer_later.h"
#include "wire/command_body.h"
#include "wire/problem.h"

namespace lode::wire {
namespace {

const std::vector<std::string_view> kJson = {"application/json"};
const std::vector<std::string_view> kProblem = {"application/problem+json"};

Response refused(const admin::Refusal& refusal) {
  return problem_response(refusal.status, refusal.problem, refusal.status == 503 ? 1 : 0);
}

Response render(const std::variant<admin::Task, admin::Refusal>& answer, int status) {
  if (const auto* refusal = std::get_if<admin::Refusal>(&answer)) return refused(*refusal);
  const admin::Task& task = std::get<admin::Task>(answer);
  Response response;
  response.status = status;
  response.headers.emplace_back("Cache-Control", "no-cache");
  if (status == 202) response.headers.emplace_back("Location", "/v1/admin/tasks/" + task.id);
  response.body = admin::json_of(task);
  return response;
}

Response no_tasks() { return problem_response(404, "no_tasks", "This program runs no tasks."); }

void get_tasks(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  if (!site->services.tasks) return exchange->respond(no_tasks());
  answer_later(site->pool, std::move(exchange), [site] {
    Response response;
    response.headers.emplace_back("Cache-Control", "no-cache");
    response.body = "{\"tasks\":[";
    for (const admin::Task& task : site->services.tasks->list()) {
      if (response.body.back() == '}') response.body += ',';
      response.body += admin::json_of(task);
    }
    response.body += "]}";
    return response;
  });
}

void get_task(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  if (!site->services.tasks) return exchange->respond(no_tasks());
  answer_later(site->pool, exchange, [site, id = exchange->request().captures.at(0)]() -> Response {
    const auto task = site->services.tasks->find(id);
    if (!task) return problem_response(404, "unknown_task", "There is no such task, or it is forgotten.");
    return render(*task, 200);
  });
}

void post_cancel(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  if (!site->services.tasks) return exchange->respond(no_tasks());
  Request& request = exchange->request();
  if (auto wrong = refuse_body(request, "application/json", kCommandBytes))
    return exchange->respond(std::move(*wrong));
  if (const auto parsed = parse_parameters({}, *request.body); std::holds_alternative<event::Problem>(parsed))
    return exchange->respond(problem_response(400, std::get<event::Problem>(parsed)));
  answer_later(site->pool, exchange,
               [site, id = request.captures.at(0)] { return render(site->services.tasks->cancel(id), 200); });
}

void post_kind(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  Request& request = exchange->request();
  const auto kind = std::find_if(admin_kinds().begin(), admin_kinds().end(),
                                 [&](const AdminKind& one) { return one.path == request.path; });
  if (kind == admin_kinds().end() || !site->services.tasks) return exchange->respond(no_tasks());
  if (auto wrong = refuse_body(request, "application/json", kCommandBytes))
    return exchange->respond(std::move(*wrong));
  auto parsed = parse_parameters(*kind, *request.body);
  if (const auto* problem = std::get_if<event::Problem>(&parsed))
    return exchange->respond(problem_response(400, *problem));
  answer_later(site->pool, exchange,
               [site, name = std::string(kind->name), parameters = std::get<std::string>(std::move(parsed))] {
                 return render(site->services.tasks->start(name, parameters), 202);
               });
}

Route kind_route(const AdminKind& kind) {
  return {.method = Method::post,
          .path = kind.path,
          .name = kind.operation,
          .summary = kind.summary,
          .answers = {{202, "It has begun: GET /v1/admin/tasks/{id} tells how far it is.", "Task", kJson},
                      {400, "The body is not what this takes: pointer says where.", "Problem", kProblem},
                      {404, "unknown_kind: this node does not do it.", "Problem", kProblem},
                      {409, "task_running: one of a kind at a time; or why it can't be done.", "Problem",
                       kProblem},
                      {413, "Too large.", "Problem", kProblem},
                      {415, "Not the content type.", "Problem", kProblem},
                      {429, "Too many requests wait: see Retry-After.", "Problem", kProblem},
                      {503, "not_ready: the log is replayed or the state rebuilt.", "Problem", kProblem},
                      {507, "The disk is full.", "Problem", kProblem}},
          .body_types = kJson,
          .body_schema = kind.schema,
          .handle = post_kind};
}

std::vector<Parameter> task_id() {
  return {{Parameter::In::path, "id", R"({"type":"string"})", "As the start of the task answered.", true}};
}

std::vector<Route> task_routes() {
  return {{.path = "/v1/admin/tasks",
           .name = "tasks",
           .summary = "What takes long: the tasks that run and the last that ended, the newest first.",
           .answers = {{200, "The tasks.", "Tasks", kJson}},
           .handle = get_tasks},
          {.path = "/v1/admin/tasks/{id}",
           .name = "task",
           .summary = "One task: how far it is, or how it ended.",
           .parameters = task_id(),
           .answers = {{200, "The task.", "Task", kJson},
                       {404, "unknown_task: there is none, or it is forgotten.", "Problem", kProblem}},
           .handle = get_task},
          {.method = Method::post,
           .path = "/v1/admin/tasks/{id}/cancel",
           .name = "cancelTask",
           .summary = "Ask a task to end. What it made and nobody needs is put away.",
           .parameters = task_id(),
           .answers = {{200, "The task, which may run for another moment.", "Task", kJson},
                       {404, "unknown_task: there is none, or it is forgotten.", "Problem", kProblem},
                       {409, "task_ended.", "Problem", kProblem},
                       {415, "Not the content type.", "Problem", kProblem}},
           .body_types = kJson,
           .body_schema = "NoMembers",
           .handle = post_cancel}};
}

}  // namespace

std::vector<Route> admin_routes() {
  std::vector<Route> all = task_routes();
  for (const AdminKind& kind : admin_kinds()) all.push_back(kind_route(kind));
  return all;
}

}  // namespace lode::wire
