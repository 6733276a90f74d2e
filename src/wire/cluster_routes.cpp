#include "wire/cluster_routes.h"

#include "wire/answer_later.h"
#include "wire/command_body.h"
#include "wire/failure_log.h"
#include "wire/problem.h"

namespace lode::wire {
namespace {

constexpr uint64_t kRulesetBytes = 4 << 20;
// A page of another site can't send it without asking first, and is told no.
constexpr std::string_view kRulesetType = "application/toml";

Response no_cluster(int status) {
  return problem_response(status, "no_cluster", "This program is not one of a cluster.");
}

Response render(ClusterAnswer answer) {
  if (answer.status != 200)
    return problem_response(answer.status, answer.problem, answer.status == 503 ? 1 : 0);
  Response response;
  response.body = std::move(answer.json);
  return response;
}

Response text_response(std::string_view content_type, std::string body) {
  Response response;
  response.content_type = content_type;
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.body = std::move(body);
  return response;
}

void get_cluster(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  if (!site->services.cluster.status_json) return exchange->respond(no_cluster(404));
  answer_later(site->pool, std::move(exchange),
               [site] { return text_response("application/json", site->services.cluster.status_json()); });
}

void get_ruleset(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  if (!site->services.cluster.ruleset_text) return exchange->respond(no_cluster(404));
  answer_later(site->pool, std::move(exchange),
               [site] { return text_response(kRulesetType, site->services.cluster.ruleset_text()); });
}

template <const CommandShape& shape>
void post_command(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  take_command(site->services.cluster, site->pool, std::move(exchange), shape);
}

void post_ruleset(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  take_ruleset(site->services.cluster, site->pool, std::move(exchange));
}

const std::vector<std::string_view> kJson = {"application/json"};
const std::vector<std::string_view> kProblem = {"application/problem+json"};

std::vector<Answer> command_answers(std::string_view conflict) {
  return {{200, "It is done, or under way when done is false: GET /v1/cluster shows how far.", "Done", kJson},
          {400, "The body is not what this takes: pointer says where.", "Problem", kProblem},
          {404, "no_such_node: it is not a member.", "Problem", kProblem},
          {409, conflict, "Problem", kProblem},
          {413, "Too large.", "Problem", kProblem},
          {415, "Not the content type.", "Problem", kProblem},
          {429, "Too many requests wait: see Retry-After.", "Problem", kProblem},
          {503, "no_leader: nobody can decide it now; outcome_unknown: look at GET /v1/cluster.", "Problem",
           kProblem}};
}

template <const CommandShape& shape>
Route command_route(std::string_view path, std::string_view name, std::string_view summary,
                    std::string_view schema, std::string_view conflict) {
  return {.method = Method::post,
          .path = path,
          .name = name,
          .summary = summary,
          .answers = command_answers(conflict),
          .body_types = kJson,
          .body_schema = schema,
          .handle = post_command<shape>};
}

std::vector<Answer> text_answers(std::string_view description, std::string_view type,
                                 std::string_view schema) {
  return {{200, description, schema, {type}},
          {404, "no_cluster: this program is not one of a cluster.", "Problem", kProblem}};
}

std::vector<Route> read_routes() {
  return {{.path = "/v1/cluster",
           .name = "cluster",
           .summary = "The cluster as this node knows it: members, leader, progress, state hashes.",
           .answers = text_answers("The cluster.", "application/json", "Cluster"),
           .handle = get_cluster},
          {.path = "/v1/ruleset",
           .name = "readRuleset",
           .summary = "The ruleset in force: rules, aliases, fee list, views, time zone.",
           .answers = text_answers("Its text.", kRulesetType, ""),
           .handle = get_ruleset}};
}

}  // namespace

void answer_command(QueryPool& pool, ExchangePtr exchange,
                    std::function<void(std::function<void(ClusterAnswer)> done)> work) {
  auto answer = [exchange](ClusterAnswer given) {
    exchange->loop()->post(
        [exchange, given = std::move(given)] { exchange->respond(render(std::move(given))); });
  };
  bool taken = pool.submit([answer, work = std::move(work)] {
    try {
      work(answer);
    } catch (const std::exception& error) {
      log_failure("a command", error);
      answer({500, {"internal", "", "The command could not be carried out: look at the server's log."}, ""});
    }
  });
  if (!taken) exchange->respond(too_many_reads_response());
}

void run_command(const ClusterServices& cluster, QueryPool& pool, ExchangePtr exchange,
                 ClusterCommand command) {
  if (!cluster.command) return exchange->respond(no_cluster(409));
  answer_command(pool, std::move(exchange),
                 [&cluster, command = std::move(command)](std::function<void(ClusterAnswer)> done) {
                   cluster.command(command, std::move(done));
                 });
}

void take_command(const ClusterServices& cluster, QueryPool& pool, ExchangePtr exchange,
                  const CommandShape& shape) {
  Request& request = exchange->request();
  if (auto refused = refuse_body(request, "application/json", kCommandBytes))
    return exchange->respond(std::move(*refused));
  auto parsed = parse_command(shape, *request.body);
  if (const auto* problem = std::get_if<event::Problem>(&parsed))
    return exchange->respond(problem_response(400, *problem));
  run_command(cluster, pool, std::move(exchange), std::get<ClusterCommand>(std::move(parsed)));
}

void take_ruleset(const ClusterServices& cluster, QueryPool& pool, ExchangePtr exchange) {
  Request& request = exchange->request();
  if (auto refused = refuse_body(request, kRulesetType, kRulesetBytes))
    return exchange->respond(std::move(*refused));
  ClusterCommand command;
  command.name = "ruleset";
  command.body = *request.body;
  run_command(cluster, pool, std::move(exchange), std::move(command));
}

std::vector<Route> cluster_routes() {
  std::vector<Route> all = read_routes();
  all.push_back(command_route<kInit>(
      "/v1/admin/cluster/init", "clusterInit",
      "Form the cluster: this node first, then the nodes of its cluster.peers. On one node, once.",
      "NoMembers", "already_in_cluster."));
  all.push_back(command_route<kAdd>(
      "/v1/admin/cluster/add", "clusterAdd", "Add a node, which begins empty, as standby.", "NodeAndAddress",
      "already_member; id_used_before: take another id; change_in_progress: ask again later."));
  all.push_back(command_route<kPromote>("/v1/admin/cluster/promote", "clusterPromote", "Let a standby vote.",
                                        "Node", "not_caught_up, change_in_progress: ask again later."));
  all.push_back(command_route<kRemove>("/v1/admin/cluster/remove", "clusterRemove",
                                       "Take a node out of the cluster, for ever under this id.", "Node",
                                       "last_voter; change_in_progress: ask again later."));
  all.push_back(command_route<kTransfer>(
      "/v1/admin/cluster/transfer", "clusterTransfer", "Hand leadership over, to this node or the best one.",
      "NodeOrNone", "no_such_voter; last_voter: there is nobody else; change_in_progress: ask again later."));
  all.push_back(command_route<kUnsafeRecover>(
      "/v1/admin/cluster/unsafe-recover", "clusterUnsafeRecover",
      "When a majority is lost for good: the node asked, whose id this is, goes on alone. What the others "
      "alone had is lost.",
      "Node", "wrong_node: another one was asked; has_leader: a majority is there; not_in_cluster."));
  all.push_back(command_route<kFinalize>(
      "/v1/admin/cluster/finalize", "clusterFinalize",
      "Switch on what needs every member's program to be new: after the last one was upgraded.", "NoMembers",
      "program_too_old: a member's is; not_heard: of a member."));
  all.push_back({.method = Method::post,
                 .path = "/v1/admin/ruleset",
                 .name = "changeRuleset",
                 .summary = "Change the ruleset on all nodes at the same record.",
                 .answers = command_answers("change_in_progress: another change is under way."),
                 .body_types = {kRulesetType},
                 .body_schema = "",
                 .handle = post_ruleset});
  return all;
}

}  // namespace lode::wire
